"""esimctl keeps prepaid eSIM and SIM data lines: what was bought, what is left, until when, and what carries over."""


def __getattr__(name: str) -> str:
    """The version, read from the installed metadata only when somebody asks: it costs 10 ms."""
    if name == "__version__":
        from importlib.metadata import version

        return version("esimctl")
    raise AttributeError(name)
