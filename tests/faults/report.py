"""What a layer found: how many faults really fired, what was violated, and whether that is enough to be believed."""

from dataclasses import dataclass, field

SHOWN = 12  #: violations that are printed


@dataclass(slots=True)
class Report:
    """One layer's figures. Green needs three things: it could run, enough faults fired, and nothing was violated."""

    layer: str
    required: int  #: faults that must have fired, or the layer proves nothing
    points: int = 0  #: faults that were tried
    fired: int = 0  #: faults that took effect
    violations: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)
    not_run: str | None = None  #: why this machine cannot run it

    def violated(self, where: str, what: str) -> None:
        """Something that must never happen has happened."""
        self.violations.append(f"{where}: {what}")

    @property
    def believable(self) -> bool:
        """Whether the faults really fired: a harness that breaks nothing is always green."""
        return self.not_run is None and self.fired >= self.required

    @property
    def green(self) -> bool:
        """Enough fired and nothing was violated."""
        return self.believable and not self.violations

    def lines(self) -> list[str]:
        """The report for a person."""
        if self.not_run is not None:
            return [f"{self.layer:<14} NOT RUN: {self.not_run}"]
        verdict = "ok" if self.green else "FAILED"
        told = "".join(f" {name}={value}" for name, value in self.figures.items())
        first = (
            f"{self.layer:<14} {verdict:<6} points={self.points} fired={self.fired} (at least {self.required})"
            f" violations={len(self.violations)}{told}"
        )
        more = [f"    {violation}" for violation in self.violations[:SHOWN]]
        if len(self.violations) > SHOWN:
            more.append(f"    … and {len(self.violations) - SHOWN} more")
        if self.fired < self.required:
            more.append(f"    only {self.fired} faults fired: this run proves nothing")
        return [first, *more]


__all__ = ["Report"]
