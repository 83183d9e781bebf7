# bash completion for esimctl. Written by `esimctl completion bash`; do not edit.

_esimctl_words() {
    case "$1" in
        '') commands='balance plans lines buy renew topup payments transactions sandbox profile completion tour help' options='--version -V --help -h' ;;
        'balance') commands='' options='--refresh --cached --explain --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'plans') commands='list show' options='--help -h' ;;
        'plans list') commands='' options='--country --carrier --provider --data --days --max-price --rollover --no-rollover --line --sort --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'plans show') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'buy') commands='' options='--name --provider --pay --promotion --no-wait --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'renew') commands='' options='--plan --pay --promotion --no-wait --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'topup') commands='' options='--plan --amount --pay --no-wait --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'payments') commands='list add remove default' options='--help -h' ;;
        'payments list') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'payments add') commands='' options='--kind --provider --reference --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'payments remove') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'payments default') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines') commands='list show rename remove qr' options='--help -h' ;;
        'lines list') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'lines show') commands='' options='--show-code --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines rename') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines remove') commands='' options='--yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines qr') commands='' options='--png --svg --show-code --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions') commands='list show' options='--help -h' ;;
        'transactions list') commands='' options='--line --since --until --state --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'transactions show') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'sandbox') commands='use fault reset' options='--help -h' ;;
        'sandbox use') commands='' options='--at --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'sandbox fault') commands='' options='--times --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'sandbox reset') commands='' options='--yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile') commands='list create use path' options='--help -h' ;;
        'profile list') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --help -h' ;;
        'profile create') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile use') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile path') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'completion') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'tour') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'help') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        *) commands='' options='' ;;
    esac
}

_esimctl_option() {
    takes=''
    case "$1 $2" in
        'balance --columns') takes='list line status remaining_bytes granted_bytes used_bytes main_balance expires_at carry_if_renewed_bytes lost_if_not_bytes reading_at attention plan carrier provider voice_seconds use_by throttled out_of_bucket_bytes source' ;;
        'plans list --columns') takes='list id price data_bytes validity rollover price_per_gb as_of name carrier provider countries clock billing kind overage shareable price_per_day promotions source stale' ;;
        'payments list --columns') takes='list name kind provider default reference' ;;
        'lines list --columns') takes='list line provider carrier plan iccid msisdn tags order note' ;;
        'transactions list --columns') takes='list id created_at kind line plan price paid state payment_method charged provider provider_order settled_at request_id promotion reason' ;;
        'sandbox use --columns') takes='list line status remaining_bytes granted_bytes used_bytes main_balance expires_at carry_if_renewed_bytes lost_if_not_bytes reading_at attention plan carrier provider voice_seconds use_by throttled out_of_bucket_bytes source' ;;
        'profile list --columns') takes='list path name' ;;
        *' --amount'|*' --at'|*' --country'|*' --data'|*' --days'|*' --kind'|*' --limit'|*' --max-price'|*' --name'|*' --reference'|*' --request-id'|*' --since'|*' --state'|*' --times'|*' --until'|*' --wait') takes='free' ;;
        *' --carrier') takes='ask carriers' ;;
        *' --color') takes='one auto always never' ;;
        *' --line') takes='ask lines' ;;
        *' --output'|*' -o') takes='one table tsv csv json' ;;
        *' --pay') takes='ask methods' ;;
        *' --plan') takes='ask plans' ;;
        *' --png'|*' --svg') takes='files' ;;
        *' --profile') takes='ask profiles' ;;
        *' --promotion') takes='ask promotions' ;;
        *' --provider') takes='ask providers' ;;
        *' --sort') takes='one price per-gb days' ;;
    esac
}

_esimctl_argument() {
    takes=''
    case "$1 $2" in
        'balance '*) takes='ask lines' ;;
        'plans show '0) takes='ask plans' ;;
        'buy '0) takes='ask plans' ;;
        'renew '0) takes='ask lines' ;;
        'topup '0) takes='ask lines' ;;
        'payments remove '0) takes='ask methods' ;;
        'payments default '0) takes='ask methods' ;;
        'lines show '0) takes='ask lines' ;;
        'lines rename '0) takes='ask lines' ;;
        'lines remove '0) takes='ask lines' ;;
        'lines qr '0) takes='ask lines' ;;
        'transactions show '0) takes='ask orders' ;;
        'sandbox use '0) takes='ask lines' ;;
        'sandbox fault '0) takes='ask faults' ;;
        'completion '0) takes='one bash zsh fish powershell' ;;
        'help '*) takes='one balance plans lines buy renew topup payments transactions sandbox profile completion tour help environment exit-codes formats' ;;
    esac
}

_esimctl_offer() {
    local words=${1#* } before=''
    case "$1" in
        ask\ *) COMPREPLY=($("${COMP_WORDS[0]/#\~/$HOME}" __complete "$words" "$cur" 2>/dev/null </dev/null)) ;;
        one\ *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
        list\ *)
            [[ $cur == *,* ]] && before=${cur%,*},
            COMPREPLY=($(compgen -P "$before" -W "$words" -- "${cur##*,}"))
            compopt -o nospace 2>/dev/null
            ;;
        files)
            COMPREPLY=($(compgen -f -- "$cur"))
            compopt -o filenames 2>/dev/null
            ;;
    esac
}

_esimctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} path='' takes='' pending='' commands='' options='' word at count=0 ended=''
    local IFS=$' \t\n'
    COMPREPLY=()
    _esimctl_words ''
    for ((at = 1; at < COMP_CWORD; at++)); do
        word=${COMP_WORDS[at]}
        if [[ -n $pending ]]; then
            [[ $word == = ]] || pending=''
        elif [[ $word == -- ]]; then
            ended=1
        elif [[ $word == -* && -z $ended ]]; then
            _esimctl_option "$path" "$word"
            pending=$takes
        elif [[ " $commands " == *" $word "* ]]; then
            path="${path:+$path }$word"
            _esimctl_words "$path"
        else
            ((count++))
        fi
    done
    [[ $cur == = ]] && cur=''
    if [[ -n $pending ]]; then
        _esimctl_offer "$pending"
    elif [[ $cur == -* && -z $ended ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    elif [[ -n $commands ]]; then
        COMPREPLY=($(compgen -W "$commands" -- "$cur"))
    else
        _esimctl_argument "$path" "$count"
        _esimctl_offer "$takes"
    fi
}

complete -F _esimctl esimctl
