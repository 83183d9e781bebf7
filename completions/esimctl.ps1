# PowerShell completion for esimctl. Written by `esimctl completion powershell`; do not edit.

Register-ArgumentCompleter -Native -CommandName esimctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $commands = @{
        '' = @('balance', 'plans', 'lines', 'buy', 'renew', 'topup', 'payments', 'transactions', 'sandbox', 'profile', 'completion', 'tour', 'help')
        'balance' = @()
        'plans' = @('list', 'show')
        'plans list' = @()
        'plans show' = @()
        'buy' = @()
        'renew' = @()
        'topup' = @()
        'payments' = @('list', 'add', 'remove', 'default')
        'payments list' = @()
        'payments add' = @()
        'payments remove' = @()
        'payments default' = @()
        'lines' = @('list', 'show', 'rename', 'remove', 'qr')
        'lines list' = @()
        'lines show' = @()
        'lines rename' = @()
        'lines remove' = @()
        'lines qr' = @()
        'transactions' = @('list', 'show')
        'transactions list' = @()
        'transactions show' = @()
        'sandbox' = @('use', 'fault', 'reset')
        'sandbox use' = @()
        'sandbox fault' = @()
        'sandbox reset' = @()
        'profile' = @('list', 'create', 'use', 'path')
        'profile list' = @()
        'profile create' = @()
        'profile use' = @()
        'profile path' = @()
        'completion' = @()
        'tour' = @()
        'help' = @()
    }
    $options = @{
        '' = @('--version', '-V', '--help', '-h')
        'balance' = @('--refresh', '--cached', '--explain', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'plans' = @('--help', '-h')
        'plans list' = @('--country', '--carrier', '--provider', '--data', '--days', '--max-price', '--rollover', '--no-rollover', '--line', '--sort', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'plans show' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'buy' = @('--name', '--provider', '--pay', '--promotion', '--no-wait', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--dry-run', '-n', '--yes', '-y', '--max-price', '--request-id', '--wait', '--help', '-h')
        'renew' = @('--plan', '--pay', '--promotion', '--no-wait', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--dry-run', '-n', '--yes', '-y', '--max-price', '--request-id', '--wait', '--help', '-h')
        'topup' = @('--plan', '--amount', '--pay', '--no-wait', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--dry-run', '-n', '--yes', '-y', '--max-price', '--request-id', '--wait', '--help', '-h')
        'payments' = @('--help', '-h')
        'payments list' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'payments add' = @('--kind', '--provider', '--reference', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'payments remove' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'payments default' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'lines' = @('--help', '-h')
        'lines list' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'lines show' = @('--show-code', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'lines rename' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'lines remove' = @('--yes', '-y', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'lines qr' = @('--png', '--svg', '--show-code', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'transactions' = @('--help', '-h')
        'transactions list' = @('--line', '--since', '--until', '--state', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'transactions show' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'sandbox' = @('--help', '-h')
        'sandbox use' = @('--at', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'sandbox fault' = @('--times', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'sandbox reset' = @('--yes', '-y', '--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'profile' = @('--help', '-h')
        'profile list' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--columns', '--header', '--no-header', '--limit', '--help', '-h')
        'profile create' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'profile use' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'profile path' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'completion' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'tour' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
        'help' = @('--output', '-o', '--json', '--profile', '--quiet', '-q', '--verbose', '-v', '--color', '--help', '-h')
    }
    $shared = @{
        '--amount' = 'free'
        '--at' = 'free'
        '--carrier' = 'ask carriers'
        '--color' = 'one auto always never'
        '--country' = 'free'
        '--data' = 'free'
        '--days' = 'free'
        '--kind' = 'free'
        '--limit' = 'free'
        '--line' = 'ask lines'
        '--max-price' = 'free'
        '--name' = 'free'
        '--output' = 'one table tsv csv json'
        '--pay' = 'ask methods'
        '--plan' = 'ask plans'
        '--png' = 'files'
        '--profile' = 'ask profiles'
        '--promotion' = 'ask promotions'
        '--provider' = 'ask providers'
        '--reference' = 'free'
        '--request-id' = 'free'
        '--since' = 'free'
        '--sort' = 'one price per-gb days'
        '--state' = 'free'
        '--svg' = 'files'
        '--times' = 'free'
        '--until' = 'free'
        '--wait' = 'free'
        '-o' = 'one table tsv csv json'
    }
    $special = @{
        'balance --columns' = 'list line status remaining_bytes granted_bytes used_bytes main_balance expires_at carry_if_renewed_bytes lost_if_not_bytes reading_at attention plan carrier provider voice_seconds use_by throttled out_of_bucket_bytes source'
        'plans list --columns' = 'list id price data_bytes validity rollover price_per_gb as_of name carrier provider countries clock billing kind overage shareable price_per_day promotions source stale'
        'payments list --columns' = 'list name kind provider default reference'
        'lines list --columns' = 'list line provider carrier plan iccid msisdn tags order note'
        'transactions list --columns' = 'list id created_at kind line plan price paid state payment_method charged provider provider_order settled_at request_id promotion reason'
        'sandbox use --columns' = 'list line status remaining_bytes granted_bytes used_bytes main_balance expires_at carry_if_renewed_bytes lost_if_not_bytes reading_at attention plan carrier provider voice_seconds use_by throttled out_of_bucket_bytes source'
        'profile list --columns' = 'list path name'
    }
    $arguments = @{
        'balance many' = 'ask lines'
        'plans show 0' = 'ask plans'
        'buy 0' = 'ask plans'
        'renew 0' = 'ask lines'
        'topup 0' = 'ask lines'
        'payments remove 0' = 'ask methods'
        'payments default 0' = 'ask methods'
        'lines show 0' = 'ask lines'
        'lines rename 0' = 'ask lines'
        'lines remove 0' = 'ask lines'
        'lines qr 0' = 'ask lines'
        'transactions show 0' = 'ask orders'
        'sandbox use 0' = 'ask lines'
        'sandbox fault 0' = 'ask faults'
        'completion 0' = 'one bash zsh fish powershell'
        'help many' = 'one balance plans lines buy renew topup payments transactions sandbox profile completion tour help environment exit-codes formats'
    }
    $path = ''
    $pending = ''
    $count = 0
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    foreach ($word in $elements) {
        if ($pending) { $pending = '' }
        elseif ($word.StartsWith('-')) {
            $pending = $special["$path $word"]
            if (-not $pending) { $pending = $shared[$word] }
        }
        elseif ($commands[$path] -ccontains $word) { $path = "$path $word".Trim() }
        else { $count++ }
    }
    $way = $pending
    $found = @()
    if (-not $way -and $wordToComplete.StartsWith('-')) { $found = $options[$path] }
    elseif (-not $way -and $commands[$path]) { $found = $commands[$path] }
    elseif (-not $way) {
        $way = $arguments["$path $count"]
        if (-not $way) { $way = $arguments["$path many"] }
    }
    if ($way) {
        $kind, $rest = $way.Split(' ')
        if ($kind -eq 'ask') {
            $program = $commandAst.CommandElements[0].ToString()
            $found = @(& $program __complete $rest[0] $wordToComplete 2>$null)
        }
        elseif ($kind -eq 'one' -or $kind -eq 'list') { $found = $rest }
    }
    $found | Where-Object { $_ -like "$wordToComplete*" } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
