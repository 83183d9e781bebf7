"""Many lines in one command: what became of each row, told as it happens, and one report with one exit code."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from esimctl.documents.orders import BulkDocument, BulkRow, OrderRow
from esimctl.documents.result import Result
from esimctl.errors import EsimctlError, ExitCode, UsageError
from esimctl.store.sheet import Sheet, SheetRow, read_sheet
from esimctl.values.money import Money
from esimctl.values.sentence import Raw, Sentence, commas
from esimctl.values.text import LongText

#: whichever of these any row has first is the code of the whole: what may have cost money leads, then what no waiting
#: mends, then what may be tried again, then what was refused
WORST_FIRST: Final = (4, 6, 1, 74, 78, 77, 76, 69, 75, 5, 3, 2)
MOST_ROWS: Final = 5000

#: (line, sentence, parameters): how a row is told while the others are under way
Told = Callable[[str, Sentence], None]


class FileRows(NamedTuple):
    """What a file says: (number, column → text) of good rows, (number, key, what is wrong) of the others."""

    good: list[tuple[int, dict[str, str]]]
    wrong: list[tuple[int, str, UsageError]]
    sheet: Sheet


def row(
    place: int,
    line: str,
    *,
    exit_code: int | None = 0,
    code: str | None = None,
    message: str | None = None,
    plan: str | None = None,
    price: Money | None = None,
    repeated: bool = False,
    order: OrderRow | None = None,
) -> BulkRow:
    """One row of the report; `exit_code` is what the same command for this line alone would end with, None: not tried.

    `repeated` says that it was done before and nothing was done again.
    """
    return BulkRow(
        row=place, line=line, ok=exit_code == 0, exit_code=exit_code, code=code, message=message, plan=plan,
        price=price, repeated=repeated, order=order,
    )  # fmt: skip


def failed(
    place: int,
    line: str,
    error: EsimctlError,
    *,
    plan: str | None = None,
    price: Money | None = None,
    repeated: bool = False,
) -> BulkRow:
    """The row of a failure; it carries the order that goes with it, if there is one."""
    return row(
        place, line, exit_code=int(error.exit_code), code=error.code, message=error.message, plan=plan, price=price,
        repeated=repeated, order=error.order,
    )  # fmt: skip


def untried(place: int, line: str, why: str, *, plan: str | None = None, price: Money | None = None) -> BulkRow:
    """The row of something that was left alone because of what happened before."""
    return row(place, line, exit_code=None, code="not_tried", message=why, plan=plan, price=price)


def worst(rows: Iterable[BulkRow]) -> ExitCode:
    """0 where every row is well; else the first of `WORST_FIRST` that occurs, 4 before all others."""
    codes = {found.exit_code for found in rows if found.exit_code}
    for code in WORST_FIRST:
        if code in codes:
            return ExitCode(code)
    return ExitCode(max(codes)) if codes else ExitCode.DONE


def report(command: str, rows: Sequence[BulkRow], *, dry_run: bool = False) -> "Result[BulkDocument]":
    """The document `esimctl.bulk/1`, without sums."""
    code = worst(rows)
    document = BulkDocument(
        command=command,
        ok=code == ExitCode.DONE and all(found.ok for found in rows),
        dry_run=dry_run,
        done=sum(found.ok for found in rows),
        failed=sum(not found.ok and found.exit_code is not None for found in rows),
        not_tried=sum(found.exit_code is None for found in rows),
        rows=rows,
    )
    return Result("bulk", document, code)


def read_rows(text: LongText, columns: Sequence[str], key: str) -> FileRows:
    """The rows of a CSV file with a header, by the numbers that a spreadsheet shows; wrong ones stand apart.

    UsageError for a column that is not known, and for what is no CSV or has no row.
    """
    sheet = read_sheet(text)
    if key not in sheet.header:
        raise UsageError(
            "the first row must name the columns, {key} among them: {columns}", code="bad_csv", key=Raw(key),
            columns=commas(columns),
        )  # fmt: skip
    for name in sheet.header:
        if name and (name not in columns or sheet.header.count(name) > 1):
            raise UsageError(
                "there is no column {column!r}; there are: {columns}", code="bad_csv", column=Raw(name),
                columns=commas(columns),
            )  # fmt: skip
    found = FileRows([], [], sheet)
    seen: dict[str, int] = {}
    for each in sheet.rows:
        if len(found.good) + len(found.wrong) >= MOST_ROWS:
            raise UsageError("at most {most} rows at once", code="too_many", most=MOST_ROWS)
        problem = _problem(each, key, seen)
        if problem is None:
            found.good.append((each.number, dict(each.cells)))
        else:
            found.wrong.append((each.number, each.cells.get(key, ""), problem))
    if not found.good and not found.wrong:
        raise UsageError("there is no row below the first one", code="bad_csv")
    return found


def _problem(row: SheetRow, key: str, seen: dict[str, int]) -> UsageError | None:
    """What is wrong with a row; a name that comes twice is wrong the second time."""
    if row.wrong is not None:
        return UsageError("row {row}: {why}", code="bad_csv", row=row.number, why=row.wrong)
    if key not in row.cells:
        return UsageError("row {row} has no {key}", code="bad_csv", row=row.number, key=Raw(key))
    name = row.cells[key]
    if name in seen:
        return UsageError(
            "{name} stands in row {first} and in row {row}", code="named_twice", name=Raw(name), first=seen[name],
            row=row.number,
        )  # fmt: skip
    seen[name] = row.number
    return None
