# bash completion for esimctl. Written by `esimctl completion bash`; do not edit.

_esimctl_words() {
    case "$1" in
        '') commands='balance plans policy promotions lines usage buy renew topup payments check autotopup schedule transactions report reconcile simulate providers sandbox profile doctor schema devices completion tour help' options='--version -V --help -h' ;;
        'balance') commands='' options='--refresh --cached --tag --explain --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans') commands='list show recommend compare import carriers diff refresh' options='--help -h' ;;
        'plans list') commands='' options='--country --carrier --provider --data --days --max-price --rollover --no-rollover --line --sort --refresh --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans show') commands='' options='--sources --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'plans recommend') commands='' options='--days --data --per-day --for --from --country --carrier --provider --persons --promotion --with-promotions --rollover --budget --currency --rate --explain --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans compare') commands='' options='--country --carrier --provider --data --days --max-price --sort --in --rate --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans import') commands='' options='--as --remove --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans carriers') commands='' options='--sources --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans diff') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'plans refresh') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'buy') commands='' options='--name --provider --pay --promotion --no-wait --paid --price --again --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'renew') commands='' options='--plan --pay --promotion --no-wait --paid --price --again --tag --from --max-total --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'topup') commands='' options='--plan --amount --pay --no-wait --paid --price --again --voucher --voucher-stdin --tag --from --max-total --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'payments') commands='list add remove default khqr' options='--help -h' ;;
        'payments list') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'payments add') commands='' options='--kind --provider --reference --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'payments remove') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'payments default') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'payments khqr') commands='show' options='--help -h' ;;
        'payments khqr show') commands='' options='--amount --payee --png --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'policy') commands='show set reset' options='--help -h' ;;
        'policy show') commands='' options='--sources --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'policy set') commands='' options='--source --as-of --from --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'policy reset') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'promotions') commands='list' options='--help -h' ;;
        'promotions list') commands='' options='--carrier --plan --provider --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'lines') commands='list show add tag import rename owner remove qr share unshare gift install' options='--help -h' ;;
        'lines list') commands='' options='--tag --removed --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'lines show') commands='' options='--show-code --sources --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines add') commands='' options='--provider --carrier --plan --data --days --price --started --channel --msisdn --iccid --order --lpa-stdin --receipt --note --tag --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines tag') commands='' options='--add --remove --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines import') commands='' options='--provider --dry-run -n --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'lines rename') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines owner') commands='' options='--none --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines remove') commands='' options='--yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines qr') commands='' options='--png --svg --show-code --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines share') commands='' options='--with --cap --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines unshare') commands='' options='--with --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines gift') commands='' options='--to --yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'lines install') commands='' options='--on --imei --confirmation-stdin --yes -y --show-code --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'usage') commands='record undo import modem history forecast learn patterns' options='--help -h' ;;
        'usage record') commands='' options='--remaining --used --balance --minutes --expires --carried --force --at --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'usage undo') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'usage import') commands='' options='--kind --at --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'usage modem') commands='' options='--code --sms --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'usage history') commands='' options='--days --by --png --svg --refresh --cached --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'usage forecast') commands='' options='--refresh --cached --tips --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'usage learn') commands='' options='--template --name --order --yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'usage patterns') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'check') commands='' options='--below --expires-within --max-reading-age --refresh --cached --tag --plugin --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'autotopup') commands='set enable disable pause resume remove show takeover log run targets reminders' options='--help -h' ;;
        'autotopup set') commands='' options='--rule --below --before-expiry --every --from --plan --amount --target --pay --max-per-month --max-per-day --max-count --max-unattended --floor --cooldown --until --remind --max-age --ask --tag --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'autotopup enable') commands='' options='--confirm --code-stdin --tag --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'autotopup disable') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'autotopup pause') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'autotopup resume') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'autotopup remove') commands='' options='--yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'autotopup show') commands='' options='--why --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'autotopup takeover') commands='' options='--yes -y --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'autotopup log') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'autotopup run') commands='' options='--line --output -o --json --profile --quiet -q --verbose -v --color --dry-run -n --yes -y --max-price --request-id --wait --help -h' ;;
        'autotopup targets') commands='' options='--add --kind --confirm --remove --test --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'autotopup reminders') commands='' options='--quiet-hours --digest --morning --monthly --no-monthly --each --no-each --used --expiry-days --low-balance --stale-after --reset --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'schedule') commands='install show remove' options='--help -h' ;;
        'schedule install') commands='' options='--using --every --print --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'schedule show') commands='' options='--check --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'schedule remove') commands='' options='--using --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions') commands='list show audit export import resolve refund attach receipt' options='--help -h' ;;
        'transactions list') commands='' options='--line --since --until --state --tag --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'transactions show') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions audit') commands='' options='--line --since --bundle --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'transactions export') commands='' options='--format --to --since --until --line --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions import') commands='' options='--format --dry-run -n --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions resolve') commands='' options='--charged --not-charged --yes -y --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions refund') commands='' options='--received --reason --note --yes -y --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions attach') commands='' options='--note --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'transactions receipt') commands='' options='--format --to --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'report') commands='' options='--month --months --by --format --to --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'reconcile') commands='' options='--acknowledge --accept --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'simulate') commands='' options='--explain --plan --per-day --months --from --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'providers') commands='list add remove login trust check' options='--help -h' ;;
        'providers list') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'providers add') commands='' options='--name --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'providers remove') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'providers login') commands='' options='--key-stdin --keyring --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'providers trust') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'providers check') commands='' options='--import --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'sandbox') commands='use fault reset' options='--help -h' ;;
        'sandbox use') commands='' options='--at --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'sandbox fault') commands='' options='--times --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'sandbox reset') commands='' options='--yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile') commands='list create use path backup restore merge second-factor budget' options='--help -h' ;;
        'profile list') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'profile create') commands='' options='--rehearsal --anew --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile use') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile path') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile backup') commands='' options='--with-vault --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile restore') commands='' options='--take-along --yes -y --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile merge') commands='' options='--dry-run -n --yes -y --wait --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile second-factor') commands='' options='--code-stdin --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'profile budget') commands='' options='--line --confirm --code-stdin --wait --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'doctor') commands='' options='--cron --providers --deep --mend --clock --yes -y --output -o --json --profile --quiet -q --verbose -v --color --columns --header --no-header --limit --all --no-pager --help -h' ;;
        'schema') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'devices') commands='check' options='--help -h' ;;
        'devices check') commands='' options='--eid --region --locked --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'completion') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'tour') commands='' options='--no-pause --output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        'help') commands='' options='--output -o --json --profile --quiet -q --verbose -v --color --help -h' ;;
        *) commands='' options='' ;;
    esac
}

_esimctl_option() {
    takes=''
    case "$1 $2" in
        'balance --columns') takes='list line status remaining_bytes granted_bytes used_bytes main_balance expires_at carry_if_renewed_bytes lost_if_not_bytes reading_at attention restricted_bytes lost_anyway_bytes renew_by plan carrier provider voice_seconds use_by throttled rollover out_of_bucket_bytes source play_money grace_until judged_bytes' ;;
        'plans list --provider') takes='ask providers' ;;
        'plans list --columns') takes='list id price data_bytes validity rollover price_per_gb as_of name example grade seen retrieved dial carrier provider countries clock billing kind overage shareable allowance price_per_day promotions rollover_claim rollover_by source stale' ;;
        'plans recommend --from') takes='free' ;;
        'plans recommend --provider') takes='ask providers' ;;
        'plans recommend --columns') takes='list at plan price converted data_bytes validity promotion persons by_use example seen retrieved provider' ;;
        'plans compare --provider') takes='ask providers' ;;
        'plans compare --columns') takes='list id price data_bytes validity price_per_gb price_per_day rollover overage example in_price in_price_per_gb in_price_per_day carrier provider coverage' ;;
        'plans import --remove') takes='ask catalogues' ;;
        'plans import --columns') takes='list plan change field before after of' ;;
        'plans carriers --columns') takes='list carrier topic values note grade as_of stale source name' ;;
        'plans diff --columns') takes='list plan change field before after of' ;;
        'plans refresh --columns') takes='list plan change field before after of' ;;
        'buy --provider') takes='ask providers' ;;
        'renew --from') takes='files' ;;
        'topup --from') takes='files' ;;
        'payments list --columns') takes='list name kind provider default reference' ;;
        'payments add --kind') takes='one credit-card debit-card paypal alipay bank-transfer e-wallet khqr cash provider-balance main-balance' ;;
        'payments add --provider') takes='ask accounts' ;;
        'policy show --columns') takes='list topic counts value claim kind as_of disputed from confidence source' ;;
        'policy set --from') takes='free' ;;
        'promotions list --provider') takes='ask providers' ;;
        'promotions list --columns') takes='list id effect from until eligible orders for name holds example source grade seen retrieved as_of' ;;
        'lines list --columns') takes='list line provider carrier plan iccid msisdn tags remaining_bytes restricted_bytes expires_at renew_by owner order note ties play_money id removed_at' ;;
        'lines add --provider') takes='ask providers' ;;
        'lines add --order') takes='free' ;;
        'lines tag --add') takes='ask tags' ;;
        'lines tag --remove') takes='ask tags' ;;
        'lines import --provider') takes='ask providers' ;;
        'lines import --columns') takes='list row line ok exit_code price order outcome plan message' ;;
        'lines gift --to') takes='ask lines' ;;
        'usage import --kind') takes='one sms ussd csv' ;;
        'usage import --columns') takes='list line at state remaining_bytes main_balance expires_at adjusted_bytes findings pattern source modelled_bytes granted_bytes text' ;;
        'usage modem --columns') takes='list line at state remaining_bytes main_balance expires_at adjusted_bytes findings pattern source modelled_bytes granted_bytes text' ;;
        'usage history --by') takes='one day week month' ;;
        'usage history --columns') takes='list start end used_bytes complete basis days-known gap-seconds' ;;
        'usage forecast --columns') takes='list line method days runs-out-at earliest latest term-ends-at leftover_bytes wasted_bytes allowed_per_day_bytes pace alert stale reason' ;;
        'usage learn --order') takes='one dmy mdy ymd' ;;
        'usage patterns --columns') takes='list name carrier places template' ;;
        'check --columns') takes='list findings line attention remaining expires restricted renew_by' ;;
        'autotopup set --every') takes='one weekly fortnightly monthly' ;;
        'autotopup set --from') takes='free' ;;
        'autotopup show --columns') takes='list rule line status does trigger buys max-price max-per-month spent orders next last why failures play_money' ;;
        'autotopup log --columns') takes='list at kind rule decision reason order why' ;;
        'autotopup targets --add') takes='free' ;;
        'autotopup targets --kind') takes='one command apprise heartbeat' ;;
        'autotopup targets --remove') takes='ask targets' ;;
        'autotopup targets --columns') takes='list target kind to confirmed since failing_since failure' ;;
        'schedule install --every') takes='one 5min 10min 15min 30min 1h 2h 6h 12h 1d' ;;
        'schedule show --columns') takes='list kind installed last exit next text enabled' ;;
        'transactions list --columns') takes='list id created_at kind line plan price paid state attention payment_method charged provider provider_order settled_at stated_at request_id promotion reason refund imported play_money date month refund_date refund_month' ;;
        'transactions audit --columns') takes='list kind provider line orders provider_orders amount support refund_by cancel_by next play_money' ;;
        'transactions export --format') takes='one csv json hledger beancount ics prometheus' ;;
        'transactions export --to') takes='files' ;;
        'transactions import --format') takes='one csv json' ;;
        'transactions receipt --format') takes='one html markdown' ;;
        'transactions receipt --to') takes='files' ;;
        'report --by') takes='one line carrier person method' ;;
        'report --format') takes='one html markdown' ;;
        'report --to') takes='files' ;;
        'report --columns') takes='list month group play_money spend perhaps foreign refunds purchases topups bought_bytes used_bytes carried_bytes wasted_bytes wasted_money gifts_sent_bytes gifts_received_bytes triggers unlimited unknown pool_taken_bytes pool_lent_bytes overage' ;;
        'simulate --from') takes='free' ;;
        'providers list --columns') takes='list name kind tier credentials lines payment_methods base_url not_trusted about experimental' ;;
        'providers check --columns') takes='list provider check ok detail fix' ;;
        'sandbox use --columns') takes='list line status remaining_bytes granted_bytes used_bytes main_balance expires_at carry_if_renewed_bytes lost_if_not_bytes reading_at attention restricted_bytes lost_anyway_bytes renew_by plan carrier provider voice_seconds use_by throttled rollover out_of_bucket_bytes source play_money grace_until judged_bytes' ;;
        'profile list --columns') takes='list name active path rehearsal' ;;
        'profile budget --columns') takes='list scope line budget spent reserved left expected from until play_money' ;;
        'doctor --columns') takes='list status name detail fix' ;;
        *' --accept') takes='ask accounts' ;;
        *' --acknowledge') takes='ask orders' ;;
        *' --amount'|*' --as'|*' --as-of'|*' --at'|*' --balance'|*' --before-expiry'|*' --below'|*' --budget'|*' --cap'|*' --carried'|*' --charged'|*' --code'|*' --confirm'|*' --cooldown'|*' --data'|*' --days'|*' --digest'|*' --eid'|*' --expires'|*' --expires-within'|*' --expiry-days'|*' --floor'|*' --iccid'|*' --imei'|*' --limit'|*' --low-balance'|*' --max-age'|*' --max-count'|*' --max-per-day'|*' --max-per-month'|*' --max-price'|*' --max-reading-age'|*' --max-total'|*' --max-unattended'|*' --minutes'|*' --month'|*' --months'|*' --morning'|*' --msisdn'|*' --name'|*' --note'|*' --paid'|*' --per-day'|*' --persons'|*' --price'|*' --quiet-hours'|*' --rate'|*' --reason'|*' --receipt'|*' --received'|*' --reference'|*' --remaining'|*' --remind'|*' --request-id'|*' --since'|*' --source'|*' --stale-after'|*' --started'|*' --target'|*' --template'|*' --times'|*' --until'|*' --used'|*' --wait') takes='free' ;;
        *' --bundle'|*' --png'|*' --svg') takes='files' ;;
        *' --carrier') takes='ask carriers' ;;
        *' --channel') takes='one offline online' ;;
        *' --color') takes='one auto always never' ;;
        *' --country') takes='ask countries' ;;
        *' --currency'|*' --in') takes='one USD KHR THB EUR GBP CNY HKD TWD SGD MYR AUD CAD CHF INR PHP IDR LAK VND JPY KRW' ;;
        *' --for'|*' --line'|*' --with') takes='ask lines' ;;
        *' --on') takes='one card ios android' ;;
        *' --output'|*' -o') takes='one table tsv csv json' ;;
        *' --pay') takes='ask methods' ;;
        *' --payee') takes='ask payees' ;;
        *' --plan') takes='ask plans' ;;
        *' --profile') takes='ask profiles' ;;
        *' --promotion') takes='ask promotions' ;;
        *' --region') takes='one mainland-china hong-kong macao united-states elsewhere' ;;
        *' --rule') takes='ask rules' ;;
        *' --sort') takes='one price per-gb days' ;;
        *' --state') takes='one prepared attempted accepted unknown settled rejected cancelled manual refunding refunded' ;;
        *' --tag') takes='ask tags' ;;
        *' --test') takes='ask targets' ;;
        *' --using') takes='one cron systemd launchd' ;;
    esac
}

_esimctl_argument() {
    takes=''
    case "$1 $2" in
        'balance '*) takes='ask lines' ;;
        'plans show '0) takes='ask plans' ;;
        'plans compare '*) takes='ask plans' ;;
        'plans import '0) takes='files' ;;
        'plans carriers '0) takes='ask carriers' ;;
        'plans diff '0) takes='files' ;;
        'plans diff '1) takes='files' ;;
        'plans refresh '0) takes='ask accounts' ;;
        'buy '0) takes='ask plans' ;;
        'renew '*) takes='ask lines' ;;
        'topup '*) takes='ask lines' ;;
        'payments remove '0) takes='ask methods' ;;
        'payments default '0) takes='ask methods' ;;
        'payments khqr show '0) takes='files' ;;
        'policy show '0) takes='ask policies' ;;
        'policy show '1) takes='one rollover overage sharing cancellation refund number-retention lead-time validity-clock burn-order early-renewal activation-new activation-renew delivery connection esim standing notices promotions market price-level failed-carry payment-new payment-renew payment-topup payment-autotopup payment-autorenew payment-offline' ;;
        'policy set '0) takes='ask policies' ;;
        'policy set '1) takes='one rollover overage sharing cancellation refund number-retention lead-time validity-clock burn-order early-renewal activation-new activation-renew delivery connection esim standing notices promotions market price-level failed-carry payment-new payment-renew payment-topup payment-autotopup payment-autorenew payment-offline' ;;
        'policy reset '0) takes='ask policies' ;;
        'policy reset '1) takes='one rollover overage sharing cancellation refund number-retention lead-time validity-clock burn-order early-renewal activation-new activation-renew delivery connection esim standing notices promotions market price-level failed-carry payment-new payment-renew payment-topup payment-autotopup payment-autorenew payment-offline' ;;
        'lines show '0) takes='ask lines' ;;
        'lines tag '*) takes='ask lines' ;;
        'lines import '0) takes='files' ;;
        'lines rename '0) takes='ask lines' ;;
        'lines owner '0) takes='ask lines' ;;
        'lines owner '1) takes='ask owners' ;;
        'lines remove '0) takes='ask lines' ;;
        'lines qr '0) takes='ask lines' ;;
        'lines share '0) takes='ask lines' ;;
        'lines unshare '0) takes='ask lines' ;;
        'lines gift '0) takes='ask lines' ;;
        'lines install '0) takes='ask lines' ;;
        'usage record '0) takes='ask lines' ;;
        'usage undo '0) takes='ask lines' ;;
        'usage import '0) takes='ask lines' ;;
        'usage import '1) takes='files' ;;
        'usage modem '0) takes='ask lines' ;;
        'usage history '0) takes='ask lines' ;;
        'usage forecast '0) takes='ask lines' ;;
        'usage learn '0) takes='ask lines' ;;
        'usage learn '1) takes='files' ;;
        'usage patterns '0) takes='one list show forget' ;;
        'usage patterns '1) takes='ask patterns' ;;
        'check '*) takes='ask lines' ;;
        'autotopup set '0) takes='ask lines' ;;
        'autotopup enable '0) takes='ask rules' ;;
        'autotopup disable '0) takes='ask rules' ;;
        'autotopup pause '0) takes='ask rules' ;;
        'autotopup resume '0) takes='ask rules' ;;
        'autotopup remove '0) takes='ask rules' ;;
        'autotopup show '0) takes='ask rules' ;;
        'autotopup log '0) takes='ask rules' ;;
        'transactions show '0) takes='ask orders' ;;
        'transactions import '0) takes='files' ;;
        'transactions resolve '0) takes='ask orders' ;;
        'transactions refund '0) takes='ask orders' ;;
        'transactions attach '0) takes='ask orders' ;;
        'transactions attach '1) takes='files' ;;
        'transactions receipt '0) takes='ask orders' ;;
        'simulate '0) takes='files' ;;
        'providers add '0) takes='one sandbox esim-access airalo celitech' ;;
        'providers remove '0) takes='ask accounts' ;;
        'providers login '0) takes='ask accounts' ;;
        'providers trust '0) takes='ask trusted' ;;
        'providers check '0) takes='ask accounts' ;;
        'sandbox use '0) takes='ask lines' ;;
        'sandbox fault '0) takes='ask faults' ;;
        'profile use '0) takes='ask profiles' ;;
        'profile backup '0) takes='files' ;;
        'profile restore '0) takes='files' ;;
        'profile merge '0) takes='files' ;;
        'profile second-factor '0) takes='one show enroll confirm remove' ;;
        'profile budget '0) takes='one show set remove' ;;
        'schema '0) takes='one balance lines line check qr install install-guide reading usage-import usage forecast pattern patterns plans plan carriers policy promotions recommendation comparison plan-changes import order transactions export transactions-import error bulk audit reconcile report receipt autotopup autotopup-run autotopup-log reminders targets schedule simulation what-if payments payment providers provider providers-check second-factor profiles profile message backup restore merge budget doctor schemas device khqr sharing' ;;
        'devices check '0) takes='ask devices' ;;
        'completion '0) takes='one bash zsh fish' ;;
        'help '*) takes='one balance plans policy promotions lines usage buy renew topup payments check autotopup schedule transactions report reconcile simulate providers sandbox profile doctor schema devices completion tour help environment exit-codes formats options refund password' ;;
    esac
}

_esimctl_offer() {
    local words=${1#* } before=''
    case "$1" in
        ask\ *)
            COMPREPLY=($("${COMP_WORDS[0]/#\~/$HOME}" __complete "$words" "$cur" "${COMP_WORDS[@]:1:COMP_CWORD-1}" \
                2>/dev/null </dev/null))
            ;;
        one\ *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
        list\ *)
            [[ $cur == *,* ]] && before=${cur%,*},
            COMPREPLY=($(compgen -P "$before" -W "$words" -- "${cur##*,}"))
            compopt -o nospace 2>/dev/null
            ;;
        files)
            cur=${cur#[\"\']}
            local IFS=$'\n'
            COMPREPLY=($(compgen -f -- "${cur//\\/}"))
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
