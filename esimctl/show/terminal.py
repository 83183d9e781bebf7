"""The one object that owns the standard streams: colour, width, prompts, progress, and a reader that goes away.

Nothing else in the program writes to stdout or stderr or reads stdin. stdout and stderr are judged separately.
"""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final, TextIO

from esimctl.errors import OutputFailed, ReaderGone, UsageError, too_large
from esimctl.show.styles import COMMAND, coloured, styled
from esimctl.values.sentence import Raw, Sentence
from esimctl.values.text import LongText, NotText, clean

if TYPE_CHECKING:
    from rich.console import Console

    from esimctl.show.waiting import Waiting

LONGEST_LINE: Final = 64 << 10  #: octets of a line on stdin: a code, a key, an address
LONGEST_TEXT: Final = 8 << 20  #: octets of all of stdin, where nothing else is said


#: signs of ours → what stands for them where a terminal takes ASCII alone
SPELLED: Final = str.maketrans(
    {"·": "-", "…": "...", "→": "->", "✓": "ok:", "–": "-", "×": "x", "≥": ">=", "“": '"', "”": '"', "«": '"', "»": '"'}
)


def wants_colour(choice: str, environ: Mapping[str, str], is_terminal: bool) -> bool:
    """Whether a stream gets colour.

    `--color`, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then CLICOLOR=0, then TERM=dumb, then: a terminal.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name) not in (None, "", "0"):
            return True
    if environ.get("CLICOLOR") == "0" or environ.get("TERM") == "dumb":
        return False
    return is_terminal


def without_credentials(text: str) -> str:
    """The text without the credentials of this run; while the module that keeps them is not loaded, there are none."""
    secrecy = sys.modules.get("esimctl.values.secrecy")
    return text if secrecy is None else str(secrecy.without_known(text))


class Terminal:
    """Where a command talks. Tests give their own streams and environment; the program uses the process's."""

    #: What moves on stderr while one waits; there is one such line, whoever speaks next wipes it.
    _waiting: "ClassVar[Waiting | None]" = None

    def __init__(
        self,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environ: Mapping[str, str] | None = None,
        *,
        colour: str = "auto",
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.stdin = sys.stdin if stdin is None else stdin
        self.stdout = sys.stdout if stdout is None else stdout
        self.stderr = sys.stderr if stderr is None else stderr
        self.environ = os.environ if environ is None else environ
        self.colour_choice = colour
        self.quiet = quiet
        self.verbose = verbose
        self.every_row = False  #: whether lists are shown whole, however long they are
        self.pages = False  #: whether what is longer than the screen may go through a pager
        self._told = ""  #: what a dumb terminal was told to be waited for
        self.page: list[str] | None = None  #: what a pager will get, while it is gathered
        for stream in (self.stdout, self.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is None or (stream.encoding or "").lower().replace("-", "") == "utf8":
                continue
            if self._is_terminal(stream):
                reconfigure(errors="replace")  # a terminal that cannot show a character shows '?'
            else:
                reconfigure(encoding="utf-8")  # what programs read is UTF-8 in every locale

    @staticmethod
    def _is_terminal(stream: TextIO | None) -> bool:
        try:
            return stream is not None and stream.isatty()
        except ValueError:  # closed before we began
            return False

    @property
    def out_is_terminal(self) -> bool:
        return self._is_terminal(self.stdout)

    @property
    def err_is_terminal(self) -> bool:
        return self._is_terminal(self.stderr)

    @property
    def can_prompt(self) -> bool:
        """Prompts appear only if stdin and stderr are both terminals and nobody forbade them."""
        if self.environ.get("ESIMCTL_NO_INPUT") not in (None, "", "0"):
            return False
        return self.in_is_terminal and self.err_is_terminal

    @property
    def in_is_terminal(self) -> bool:
        """Whether somebody may be typing at stdin."""
        return self._is_terminal(self.stdin)

    @property
    def colour(self) -> bool:
        return wants_colour(self.colour_choice, self.environ, self.out_is_terminal)

    @property
    def colour_err(self) -> bool:
        return wants_colour(self.colour_choice, self.environ, self.err_is_terminal)

    @property
    def width(self) -> int | None:
        """Columns of stdout; None when it is not a terminal: then nothing is ever wrapped or cut."""
        if not self.out_is_terminal:
            return None
        given = self.environ.get("COLUMNS", "")
        if given.isdigit() and int(given) > 0:
            return int(given)
        try:
            return os.get_terminal_size(self.stdout.fileno()).columns or 80
        except (OSError, ValueError, AttributeError):
            return 80

    @property
    def page_width(self) -> int:
        """Columns for pages of prose (help), which are laid out in a pipe as well: the terminal's, COLUMNS, or 80."""
        if self.width is not None:
            return self.width
        given = self.environ.get("COLUMNS", "")
        return int(given) if given.isdigit() and int(given) > 0 else 80

    @property
    def columns_of_questions(self) -> int:
        """Columns of stderr, where questions are asked."""
        return self._err_columns()

    @property
    def height(self) -> int | None:
        """Rows of stdout's terminal, None when it is not one."""
        if not self.out_is_terminal:
            return None
        given = self.environ.get("LINES", "")
        if given.isdigit() and int(given) > 0:
            return int(given)
        try:
            return os.get_terminal_size(self.stdout.fileno()).lines or 24
        except (OSError, ValueError, AttributeError):
            return 24

    def console(self) -> "Console":
        """A Rich console for stdout that fits and colours nothing by itself; Rich is loaded here, to draw."""
        from rich.console import Console

        return Console(
            file=self.stdout,
            force_terminal=self.colour,
            color_system="standard" if self.colour else None,
            no_color=not self.colour,
            width=10_000,  # whoever draws has looked at the width: Rich would cut digits to fit
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=False,
        )

    def write(self, text: str) -> None:
        """Put part of the answer on stdout."""
        text = self._spelled(without_credentials(text))
        if self._waiting is not None and self.out_is_terminal:
            self.finish_progress()
        if self.page is not None:
            self.page.append(text)
            return
        try:
            self.stdout.write(text)
        except BrokenPipeError:
            raise ReaderGone("the reader of stdout went away") from None
        except (OSError, ValueError, AttributeError) as error:
            raise self._output_failed(error) from None

    def _spelled(self, text: str) -> str:
        """The text with our own signs as ASCII where the locale of the terminal has none of them."""
        return text if text.isascii() or self.blocks else text.translate(SPELLED)

    def tell(self, text: str) -> None:
        """Put whole lines for a person on stdout, in their colours; on a terminal a line that is too long is broken."""
        self.write(coloured(self._broken(text, self.width), self.colour))

    @staticmethod
    def _broken(text: str, width: int | None) -> str:
        if width is None or all(len(line) < width // 2 for line in text.split("\n")):
            return text
        from esimctl.show.page import folded

        return "\n".join(line for whole in text.split("\n") for line in folded(whole, width))

    def flush(self) -> None:
        """Hand everything written so far to the reader; raises ReaderGone or OutputFailed instead of exit 120."""
        try:
            self.stdout.flush()
        except BrokenPipeError:
            raise ReaderGone("the reader of stdout went away") from None
        except (OSError, ValueError, AttributeError) as error:
            raise self._output_failed(error) from None

    @staticmethod
    def guard_descriptors() -> None:
        """Put the null device where a standard stream is closed, so that no file of ours is opened in its place."""
        for descriptor in range(3):
            try:
                os.fstat(descriptor)
            except OSError:
                os.open(os.devnull, os.O_RDWR)

    def settle(self) -> None:
        """Flush for the last time; the interpreter must find nothing left that it could fail to write (exit 120)."""
        for stream in (self.stdout, self.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except (OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                try:
                    os.dup2(null, stream.fileno())
                except (OSError, ValueError):
                    pass  # no descriptor of its own: nothing will be flushed at the end either
                finally:
                    os.close(null)

    @staticmethod
    def _output_failed(error: Exception) -> OutputFailed:
        told = getattr(error, "strerror", None)
        reason = Raw(told) if told else Sentence("it is closed")
        return OutputFailed("cannot write to stdout: {reason}", reason=reason)

    def _err(self, text: str, *, whole: bool = False) -> None:
        self.finish_progress()
        if self.err_is_terminal and not whole:
            text = self._broken(text, self._err_columns())
        try:
            self.stderr.write(self._spelled(without_credentials(coloured(text, self.colour_err))))
            self.stderr.flush()
        except (OSError, ValueError, AttributeError):
            pass  # there is nobody left to tell; the exit code still says it

    def note(self, text: str) -> None:
        """A sentence for people on stderr; `--quiet` silences it."""
        if not self.quiet:
            self._err(text + "\n")

    def hint_next(self, command: str) -> None:
        """One next command, only where a person reads along."""
        if not self.quiet and self.err_is_terminal and self.out_is_terminal:
            self._err(f"→ {styled(command, COMMAND)}\n")

    @property
    def blocks(self) -> bool:
        """Whether block characters and arrows can be drawn: stdout takes UTF-8."""
        return (getattr(self.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"

    def complain(self, text: str, *, whole: bool = False) -> None:
        """An error on stderr; never silenced. `whole`: a command, which is not broken into lines."""
        self._err(text + "\n", whole=whole)

    def progress(self, said: str | Sentence, done: int = 0, total: int = 0, /) -> None:
        """What is waited for, on a terminal only, with a bar where `total` is known; `finish_progress` wipes it.

        With `--verbose` every step is a line of its own, also in a log; so is each sentence on a dumb terminal.
        """
        if self.quiet or not (self.verbose or self.err_is_terminal):
            return
        from esimctl.show.words import say

        text = without_credentials(clean(say(said)))
        if self.verbose or self.environ.get("TERM") == "dumb":
            line = text + (f" {done}/{total}" if total else "")
            if self.verbose or text != self._told:
                self._told = text
                self._err(line + "\n")
            return
        if Terminal._waiting is None:
            from esimctl.show.waiting import Waiting

            Terminal._waiting = Waiting(self.stderr, self._err_columns, colour=self.colour_err, blocks=self.blocks)
        Terminal._waiting.tell(text, done, total)

    def finish_progress(self) -> bool:
        """Wipe what moves while one waits; whether anything did."""
        waiting, Terminal._waiting = Terminal._waiting, None
        return waiting is not None and waiting.stop()

    def _err_columns(self) -> int:
        given = self.environ.get("COLUMNS", "")
        if given.isdigit() and int(given) > 0:
            return int(given)
        try:
            return os.get_terminal_size(self.stderr.fileno()).columns or 80
        except (OSError, ValueError, AttributeError):
            return 80

    def ask(self, question: str, *, instead: str) -> str:
        """A line from the person. `instead` is the option that answers the same without a terminal (exit 2 then)."""
        if not self.can_prompt:
            raise UsageError(
                "cannot ask «{question}»: no terminal",
                hint=instead.replace("{", "{{").replace("}", "}}"),  # it may hold a person's own words
                code="prompt_impossible",
                question=Raw(question.strip()),
            )
        self._err(question)
        answer = self.stdin.readline()
        if not answer:
            self._err("\n")
            raise UsageError("no answer was given", hint=instead, code="prompt_impossible")
        return answer.strip()

    def confirm(self, question: str, *, instead: str) -> bool:
        """Yes or no, no being what Enter means; what is neither is asked about once more, and is no then."""
        from esimctl.values.answers import answer

        said = answer(self.ask(f"{question} [y/N] ", instead=instead))
        if said is None:
            from esimctl.show.words import say

            said = answer(self.ask(say("Please answer yes or no [y/N] "), instead=instead))
        return said is True

    def ask_secret(self, question: str, *, instead: str) -> str:
        """A line without echo."""
        if not self.can_prompt:
            raise UsageError(
                "cannot ask «{question}»: no terminal",
                hint=instead.replace("{", "{{").replace("}", "}}"),  # it may hold a person's own words
                code="prompt_impossible",
                question=Raw(question.strip()),
            )
        import termios

        descriptor = self.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        silent = termios.tcgetattr(descriptor)
        silent[3] &= ~termios.ECHO
        try:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)  # before asking: a fast answer must not be echoed
            self._err(question)
            return self.stdin.readline().rstrip("\r\n")
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
            self._err("\n")

    def read_line(self, *, what: str, most: int = LONGEST_LINE) -> str:
        """One line from stdin, for `--…-stdin` options; says so when a person has to type it.

        UsageError (2) where the line has more than `most` octets: nothing of it is kept.
        """
        if self._is_terminal(self.stdin):
            self.note(f"reading {what} from the terminal, end with Enter")
        return self._given(most, whole=False).whole().partition("\n")[0].rstrip("\r")

    def read_all(self, *, what: str, most: int = LONGEST_TEXT) -> str:
        """All of stdin, for `-` as a file name. UsageError (2) where there are more than `most` octets."""
        return self.read_long(what=what, most=most).whole()

    def read_long(self, *, what: str, most: int) -> "LongText":
        """`read_all` of what may be large."""
        if self._is_terminal(self.stdin):
            self.note(f"reading {what} from the terminal, end with Ctrl-D")
        return self._given(most, whole=True)

    def _given(self, most: int, *, whole: bool) -> "LongText":
        """The text on stdin, or its first line, from its bytes: the locale has no say in what a file holds."""
        octets = getattr(self.stdin, "buffer", None)
        try:
            if octets is None:  # a stream of somebody who runs us inside a program of their own
                text = self.stdin.read(most + 1) if whole else self.stdin.readline(most + 1)
                if len(text) > most:
                    raise too_large("stdin", most)
                return LongText(text.encode(errors="surrogatepass"))
            data = octets.read(most + 1) if whole else octets.readline(most + 1)
            if not whole and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
                data += octets.read(most + 1)
            if len(data) > most:
                raise too_large("stdin", most)
            return LongText(data)
        except NotText as why:
            raise UsageError(
                "stdin is not UTF-8 text: octet {place} is 0x{octet:02X}", code="not_text", place=why.place,
                octet=why.octet,
            ) from None  # fmt: skip
        except (ValueError, AttributeError):
            return LongText(b"")
