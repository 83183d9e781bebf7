"""The layers by name: each in full, as the figures are reported, and reduced, as it runs with the suite."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.faults import (
    answers,
    bits,
    clocks,
    copies,
    crash,
    crowd,
    figures,
    lint,
    lost_rows,
    matrix,
    model,
    names,
    powercut,
    rule_matrix,
    two_files,
    two_machines,
    vendor_matrix,
)
from tests.faults.report import Report
from tests.faults.seeded import bugs

Run = Callable[[], Report]


@dataclass(frozen=True, slots=True)
class Layer:
    """`about` is one line for people."""

    about: str
    full: Run
    reduced: Run


def seeded_layer(names: frozenset[str] | None = None, required: int = 20) -> Report:
    """Every planted bug is caught by the layer it names; `fired` counts those."""
    report = Report("seeded-bugs", required)
    began = time.monotonic()
    for name, bug in bugs().items():
        if names is not None and name not in names:
            continue
        report.points += 1
        try:
            found = bug.hunt([bug.plant])
        except RuntimeError as error:  # it does not even work undisturbed: that is no proof
            report.violated(name, f"MISSED: the harness could not run it: {str(error)[:300]}")
            continue
        if found.not_run is not None:
            report.figures[name] = f"not run ({found.not_run})"
            report.points -= 1
        elif any(": " in each and not each.startswith("harness") for each in found.violations):
            report.fired += 1
            report.figures[name] = found.layer
        else:
            report.violated(name, f"MISSED by {found.layer}")
    report.figures["seconds"] = round(time.monotonic() - began)
    return report


#: planted bugs that are found within a second or two
QUICK = frozenset(
    (
        "nothing-fsynced",
        "intent-may-be-lost",
        "folder-not-fsynced",
        "short-write-ignored",
        "float-money",
        "price-taken-for-paid",
        "no-lock",
        "limits-looked-at-too-early",
        "clock-taken-raw",
        "future-stays",
        "taken-back-for-free",
        "written-by-any-clock",
        "other-currency-unseen",
        "torn-tail-swallowed",
        "damage-taken-for-a-cut",
        "torn-tail-thrown-away",
        "seal-not-looked-at",
        "checksum-not-compared",
        "absence-believed-at-once",
        "ambiguous-is-no",
        "refusal-of-the-second-settles-the-first",
        "recovery-always-writes",
        "blind-resend",
        "resends-on-every-tier",
        "follows-redirects",
        "swallows-attempts",
        "truncate-and-write",
        "open-to-others",
        "migrates-in-place",
        "new-key-on-retry",
        "post-before-intent",
        "door-open-to-decimals",
        "journal-before-the-rest",
        "leftovers-of-exports-stay",
        "word-of-a-person-forgotten",
        "the-other-tail-dropped",
        "codes-kept-by-name",
        "a-name-keeps-its-past",
        "ties-outlive-their-line",
        "mark-in-the-home",
        "alarm-is-kept",
        "lines-not-compared",
    )
)

LAYERS: Mapping[str, Layer] = {
    "crash": Layer(
        "SIGKILL at every system call that concerns our files",
        crash.kill_layer,
        lambda: crash.kill_layer(most=8, required=90),
    ),
    "errors": Layer(
        "every such call fails: EIO, ENOSPC, EDQUOT, EROFS",
        crash.error_layer,
        lambda: crash.error_layer(most=9, required=100),
    ),
    "nested": Layer(
        "SIGKILL within recovery from a SIGKILL",
        crash.nested_layer,
        lambda: crash.nested_layer(outer=4, most=5, required=15),
    ),
    "short-writes": Layer("the kernel takes 37 bytes at a time", crash.short_write_layer, crash.short_write_layer),
    "power-cut": Layer(
        "the power fails: ext4, XFS, Btrfs, both variants",
        powercut.powercut_layer,
        lambda: powercut.powercut_layer(only=("topup",), most=4, required=20),
    ),
    "trace-lint": Layer("rules over traces of system calls", lint.lint_layer, lint.lint_layer),
    "model": Layer(
        "every legal state of the disk after a cut",
        lambda: model.model_layer(only=("buy", "topup", "payments-add", "lines-rename", "segment-seal", "lost-answer")),
        lambda: model.model_layer(only=("topup", "payments-add"), required=20),
    ),
    "bits": Layer(
        "every prefix and flipped bit of journal and profile",
        bits.bits_layer,
        lambda: bits.bits_layer(every=37, required=2000),
    ),
    "lost-rows": Layer(
        "rows of the index that are lost before what they tell of is bought again",
        lost_rows.lost_rows_layer,
        lost_rows.lost_rows_layer,
    ),
    "crowd": Layer(
        "16 processes × 100 orders, 30 % killed, five seeds",
        crowd.crowd_layer,
        lambda: crowd.crowd_layer(workers=4, each=12, seeds=(1,), required=6),
    ),
    "two-files": Layer(
        "every writing command killed, or on a full disk, at every call that matters, then repeated",
        two_files.two_files_layer,
        lambda: two_files.two_files_layer(
            only=("lines-add-code", "lines-remove-rule", "providers-remove", "topup-by-hand", "attach", "export"),
            most=3,
            required=30,
        ),
    ),
    "cap-race": Layer(
        "20 purchases at once, the limit has room for one, 100 rounds",
        crowd.cap_layer,
        lambda: crowd.cap_layer(rounds=3, at_once=12),
    ),
    "rule-race": Layer(
        "the same with 20 runs of autotopup over four rules",
        lambda: crowd.cap_layer(rules=True),
        lambda: crowd.cap_layer(rounds=2, at_once=8, rules=True),
    ),
    "http-matrix": Layer(
        "faults of the line × tiers A to E × before and after",
        matrix.matrix_layer,
        lambda: matrix.matrix_layer(letters="AC", slow=False, required=180),
    ),
    "rule-matrix": Layer(
        "the same faults met by autotopup run on a due rule",
        rule_matrix.rule_matrix_layer,
        lambda: rule_matrix.rule_matrix_layer(
            letters="AD", faults=[fault for fault in matrix.FAULTS if not fault.slow][::5], required=30
        ),
    ),
    "vendor-matrix": Layer(
        "the vendors' doubles by their newest texts × answers gone wrong × before and after × buy and topup",
        vendor_matrix.vendor_layer,
        lambda: vendor_matrix.vendor_layer(every=31, required=100),
    ),
    "answers": Layer(
        "hostile bodies and headers × vendors × look, token, before, after, killed, reconcile, run",
        answers.answers_layer,
        lambda: answers.answers_layer(every=173, required=12),
    ),
    "two-machines": Layer(
        "two machines with one profile: orders, syncs, conflict copies and merges by chance, 1000 schedules",
        two_machines.two_machines_layer,
        lambda: two_machines.two_machines_layer(schedules=25),
    ),
    "names": Layer(
        "names that are used again: 2000 random sequences against a model keyed by identity",
        names.names_layer,
        lambda: names.names_layer(12),
    ),
    "copies": Layer(
        "what two machines did × how their folders meet: nothing that cost money is missing in silence",
        copies.copies_layer,
        lambda: copies.copies_layer(every=13, required=6),
    ),
    "clocks": Layer("clocks that jump", clocks.clock_layer, clocks.clock_layer),
    "fsyncs": Layer("fsyncs of a purchase", figures.fsync_layer, figures.fsync_layer),
    "latency": Layer("local milliseconds of a purchase", figures.latency_layer, figures.latency_layer),
    "snapshot": Layer(
        "reading after 10 000 transactions", figures.snapshot_layer, lambda: figures.snapshot_layer(many=1000)
    ),
    "seeded-bugs": Layer("planted bugs, each caught", seeded_layer, lambda: seeded_layer(QUICK)),
}

__all__ = ["LAYERS", "QUICK", "Layer", "seeded_layer"]
