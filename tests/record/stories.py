"""What is recorded: the commands of the README and of a first journey, as stories that begin on an empty home.

A step is a command line as a shell would read it. `@TIME` before it moves the rehearsal clock and stays; `<<TEXT`
behind it is what stdin holds (`\n` is a new line); `<order-1>` stands for the first id of an order that the story saw.
A story in `FORMER` begins on the home that the program of 20b50ae left behind (`former/README.md`).
"""

from typing import Final

BEGIN: Final = "2026-11-20T09:00:00+07:00"

STORIES: Final[dict[str, str]] = {
    "journey": """
        plans list --carrier smart --sort per-gb
        plans list --provider sandbox
        plans show demo-monthly-20gb
        buy demo-monthly-20gb --name phone --dry-run
        buy demo-monthly-20gb --name phone --yes
        balance
        @2026-11-29T09:00:00+07:00 sandbox use phone 12GB
        balance phone
        balance phone --explain
        @2026-12-10T09:00:00+07:00 renew phone --dry-run
        renew phone --yes
        topup phone --plan demo-topup-2gb --yes
        topup phone --amount 5USD --yes
        lines list
        lines show phone
        lines qr phone
        lines rename phone router
        transactions list
        transactions show <order-1>
        transactions list --state settled --limit 1
        @2026-12-21T09:00:00+07:00 balance
        @2027-01-23T09:00:00+07:00 balance
        check
        renew router --yes
        lines remove router --yes
        lines list --removed
        lines list
        reconcile
    """,
    "advice": """
        plans recommend --days 20 --per-day 500MB
        plans compare smart-laor-30d metfone-met5g-30d
        plans carriers metfone
        policy show smart rollover
        policy set smart rollover mode=carry validity='3 months' --source 'the shop at the corner'
        policy show smart rollover
        promotions list --provider sandbox
        devices check 'iPhone 13'
        devices check 'Nokia 3310'
        plans diff
        help rollover
        tour --help
    """,
    "counter": """
        lines add sim --provider manual --carrier smart --plan smart-laor-7d --price 1.50USD --started 2026-11-20
        buy smart-5g-7d --name spare --paid R-1042
        @2026-11-21T10:00:00+07:00 usage record sim --remaining 1.5GB
        usage import sim - << You have 1.2 GB left
        usage undo sim
        balance
        renew sim --paid KIOSK-77
        @2026-11-29T09:00:00+07:00 usage record sim --carried 0
        balance sim --explain
        lines show sim
        lines add trip --provider manual --carrier cellcard --data 5GB --days 7 --price 20000KHR --started 2026-11-25
        lines gift sim 500MB --to spare
        lines share sim --with spare
        lines unshare sim --with spare
        balance
        transactions list
        @2026-12-04T09:00:00+07:00 check
    """,
    "usage": """
        buy demo-monthly-20gb --name phone --yes
        @2026-11-22T09:00:00+07:00 sandbox use phone 2GB
        balance
        @2026-11-25T09:00:00+07:00 sandbox use phone 3GB
        balance
        usage history phone --by week
        usage history phone --by day
        usage forecast phone
        profile budget set 20USD/month
        profile budget show
        profile list
        profile show
        report
        report --month 2026-11 --by line
        report --months 2
    """,
    "rules": """
        buy demo-monthly-20gb --name phone --yes
        autotopup set phone --below 500MB --plan demo-topup-2gb --max-price 2USD --max-per-month 6USD
        autotopup show
        autotopup enable phone --confirm 6USD
        autotopup run --dry-run
        autotopup run
        @2026-11-28T09:00:00+07:00 sandbox use phone 19800MB
        autotopup run --dry-run
        autotopup run
        autotopup log
        autotopup pause
        autotopup run
        autotopup resume
        autotopup disable phone
        autotopup remove phone --yes
        autotopup show
        transactions list
    """,
    "families": """
        buy demo-monthly-20gb --name phone --yes
        buy demo-weekly-2gb --name tablet --yes --max-price 2USD --request-id trip-2026-11
        buy demo-weekly-2gb --name tablet --yes --max-price 2USD --request-id trip-2026-11
        lines tag phone --add family
        balance --tag family
        renew --tag family --max-total 60USD --yes --request-id 2026-12
        renew --tag family --max-total 60USD --yes --request-id 2026-12
        topup --from - --yes --request-id topups-1 << line,amount\\nphone,1USD\\n
        lines import - << name,carrier,data,days,tags\\nsim-1,smart,10GB,30,family\\n
        check phone --below 500MB --expires-within 3d
        check --plugin
        lines list
        transactions audit
        transactions export --format csv
        transactions export --format jsonl
        transactions export --format hledger
        transactions export --format beancount
        transactions export --format ics
        transactions export --format prometheus
    """,
    "declined": """
        buy demo-monthly-20gb --pay sandbox-declined --yes
        buy demo-monthly-20gb --pay sandbox-confirm
        buy demo-monthly-20gb --pay sandbox-confirm --yes --name phone
        payments list
        payments add cash --kind cash
        sandbox fault timeout-after
        topup phone --amount 2USD --yes
        transactions list
        reconcile
        sandbox fault decline
        topup phone --amount 2USD --yes
        sandbox fault out-of-stock
        buy demo-weekly-2gb --yes
        sandbox fault slow-activation
        buy demo-weekly-2gb --name slow --yes --no-wait
        @2026-11-20T10:00:00+07:00 reconcile
        transactions list
        transactions refund <order-1> --yes
        transactions audit

    """,
    "mistakes": """
        buy nosuchplan --yes
        buy demo-monthly-20gb
        balance nobody
        renew nobody --yes
        topup
        plans show smart-laor
        plans list --carrier nosuch
        transactions show 261120-00000000
        transactions export --format nosuch
        usage record phone --remaining 5XB
        autotopup enable nothing --confirm 6USD
        policy show nosuch
        nosuchcommand
        balance --nosuch
        providers check nosuch
        profile use nosuch
        schema nosuch
        check --within 3x
        buy demo-monthly-20gb --max-price 1USD --yes
    """,
    "set-up": """
        providers list
        providers add esim-access
        providers list
        providers remove esim-access --yes
        profile create second
        profile use second
        profile list
        profile use default

        schema
        schema balance
        help
        help exit-codes
        help environment
        balance --help
        --version
    """,
    "former": """
        @2026-07-17T10:00:00+07:00 balance --cached
        lines list
        lines show phone
        transactions list --since 2026-06-01
        report --month 2025-11
        report --month 2026-07
        report --months 3 --by line
        autotopup show
        autotopup log --limit 5
        policy show smart rollover
        profile budget show
        usage history phone --by day
        check
        reconcile
        balance
        topup phone --amount 1USD --yes
        renew kid --yes
        autotopup run
        @2026-07-18T10:00:00+07:00 autotopup run
        lines add holiday --provider manual --carrier smart --data 5GB --days 7 --price 2USD
        lines list --removed
        transactions list --since 2026-07-17
        transactions audit
        balance --refresh
    """,
}

#: stories on the home of 20b50ae
FORMER: Final = frozenset({"former"})
