"""Two suites: the quick one, ``python -m pytest``, and the rest, ``python -m pytest -m complete``.

The rest is what bears the marker ``complete``, and every search with hypothesis once more, with
more examples.  ``HYPOTHESIS_PROFILE=thousands`` searches for as long as one likes to wait.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

#: profile → examples; a search that is expensive takes a part of them
EXAMPLES = {"quick": 40, "complete": 120, "thousands": 5000}

ANNOUNCED = {
    "quick": "quick suite: about 5 minutes on two cores",
    "complete": "the rest of the complete suite: about 15 minutes on two cores",
}
LEFT = "left out: tests marked 'complete' and larger searches; python -m pytest -m complete"

for name, count in EXAMPLES.items():
    settings.register_profile(
        name,
        deadline=None,
        derandomize=name != "thousands",
        max_examples=count,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def suite(config: pytest.Config) -> str:
    return "complete" if config.getoption("markexpr") == "complete" else "quick"


def whole(config: pytest.Config) -> bool:
    """Whether no files or tests were named."""
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", suite(config)))
    # the user's own folder for compiled loops is left alone
    if getattr(config, "cache", None) is not None:
        os.environ.setdefault("DERIVE_CACHE", str(config.cache.mkdir("loops")))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Searches belong to both suites."""
    if suite(config) == "complete":
        for item in items:
            if isinstance(item, pytest.Function) and hasattr(item.obj, "hypothesis"):
                item.add_marker(pytest.mark.complete)


def pytest_report_header(config: pytest.Config) -> str | None:
    return ANNOUNCED[suite(config)] if whole(config) else None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if whole(config) and suite(config) == "quick":
        terminalreporter.write_line(LEFT)
