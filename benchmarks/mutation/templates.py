"""Mutants of the fast templates that change no result, each with the argument why."""

from __future__ import annotations

import re

from benchmarks.mutation.equivalents import Equivalent
from benchmarks.mutation.texts import Mutant

#: assignments that say only how large pieces of work are
SIZING = r"(row|most|budget|taken|entries) = "

RULES: tuple[Equivalent, ...] = (
    # --- what is true of any statement
    Equivalent(
        "to exchange two axes is symmetric",
        change=r"swapaxes\((-?\d), (-?\d)\) → .*swapaxes\(\2, \1\)$",
    ),
    Equivalent(
        "a sum is symmetric",
        r"np\.add\(",
        "axes",
        r"np\.add\((.*), (.*), out=.* → np\.add\(\2, \1, out=",
    ),
    Equivalent(
        "NumPy takes any negative length for the one that is to be found",
        operator="constant",
        change=r"^1 → 2",
        also=lambda mutant: bool(re.search(r"reshape\(.*-1", mutant.statement)),
    ),
    Equivalent("the name of a plan is as good with its parts in another order", r"key = ", "axes"),
    # --- pieces of work, threads
    Equivalent(
        "how large pieces of work are decides how fast they are done; together they are the whole",
        SIZING,
    ),
    Equivalent(
        "more pieces of work than threads, or fewer: the same pieces are done",
        r"while max\(taken\)|taken\[axis\] = |return -\(-size // length\)",
        function="blocks|pieces",
    ),
    Equivalent(
        "another number of threads does the same",
        r"together\(|number = |pool = workers|drained\(",
        function="drained|shared|together|pointwise",
    ),
    Equivalent(
        "``result`` raises the error that is not raised here",
        r"for error in errors|if error is not None",
        function="together",
    ),
    Equivalent(
        "of a single call the last is the first", r"return \[calls\[0\]", function="together"
    ),
    Equivalent(
        "another algorithm of those that apply, or on several threads",
        r"part = |remembered\(",
        function="parting",
    ),
    Equivalent(
        "only the shapes of these arrays are used", r"empty = np\.zeros", function="for_signature"
    ),
    # --- memory
    Equivalent(
        "memory is framed by ``lower`` and ``size`` alone; the other fields are not looked at",
        r"rows = \(SlidingAxis",
        "axes|constant",
        r"SlidingAxis\(.*, 0, a\.taps\)$|^1 → ",
        function="product_task",
    ),
    Equivalent(
        "more memory than is read, or copied where it could be read in place",
        r"return axis\.step",
        function="span",
    ),
    Equivalent(
        "copied although it could be read in place, or the other way round where NumPy copies by"
        " itself: the entries are the same",
        r"regular = |return array if regular|if made is None|if signal is None|if out is None",
        "arithmetic|call|comparison|constant|slice|statement",
        function="readable|pointwise",
    ),
    Equivalent(
        "copied although it could be read in place; what differs otherwise are arrays whose entries"
        " overlap, which no caller passes",
        r"for size, stride in|if size != 1",
        function="flat",
    ),
    Equivalent(
        "more of the memory is set to zero, before the entries are copied into it",
        r"return made\._replace|borders\.append",
        "slice",
        function="padded|framed",
    ),
    Equivalent(
        "an empty piece, beyond the end or not",
        r"start = min\(max\(a\.lower|first = min\(count",
        "call",
        function="framed|aligned",
    ),
    Equivalent(
        "places beyond the width are computed, or not, and never read",
        r"if outputs <= FEW|axes\[-1\] = ",
        function="column_task",
    ),
    Equivalent(
        "residues without places write nothing",
        r"count = min\(spread|for r in range\(min\(stuffing",
        "call",
        function="residues",
    ),
    Equivalent(
        "no taps, said in another way",
        r"chosen = slice|start = first\[0\]",
        function="residues",
    ),
    Equivalent(
        "the same entries in the same order in memory, given their shape again below",
        r"groups, outputs, channels, \*taps = |weights = |made = m|total = sum",
        "axes|call",
        r"reshape\(|memory\(|\*taps",
        function="shifting|winograd_contraction|untiled",
    ),
    Equivalent("memory takes its shape below", r"made = memory\(", "axes", function="untiled"),
    Equivalent("copied or broadcast, one group is the same as none", change=r"(.*)\[None\] → \1$"),
    Equivalent("there are two axes", r"axis, stuffing = ", "arithmetic", function="band"),
    Equivalent(
        "borders may be set to zero in any order", r"for border in", "axes", function="framed"
    ),
    Equivalent(
        "a longer piece of the signal than is read: what is beyond it is in no window",
        r"first = max\(-lower",
        "call",
        function="settling",
    ),
    # --- transforms
    Equivalent(
        "the kernel is as high as wide, and the rows of a matrix are of one length",
        r"r = |_, \(kernel|m, \(_, data|groups, images, outputs, places, r, _|rows, columns = "
        r"|\(rows, columns\), ",
        "constant|axes",
    ),
    Equivalent(
        "along the only axis where this is read there is one place and one tap",
        r"ones = ",
        "constant",
        function="volumes",
    ),
    Equivalent("tiles behind the last one hold zeros", r"(points, )?tiles = ", "arithmetic"),
    Equivalent("computed in float64, and rounded later", r"both = ", "call", r"\.astype\("),
    Equivalent(
        "more rows or columns than the tiles read, times zeros or never read, or none where there"
        " is nothing to read",
        r"tall, wide = |above, below = |begin, end = |if below <= above|above = below = 0",
        function="tiled",
    ),
    Equivalent(
        "more of the memory is set to zero, before entries come into it, or in another order",
        r"across\[:, :, :above\]|stacked\[:, :, :place\.start",
        "axes|slice",
    ),
    Equivalent(
        "of an image the only plane is copied, instead of read in place",
        r"flat, problem = |if not flat",
        "comparison|constant|statement",
        function="winograd",
    ),
    Equivalent(
        "axes of one entry, whose shape is given again below",
        r"total, passes = ",
        "axes",
        r".*None, :, None.* → .*(None, None, :|:, None, None)",
        function="row_task",
    ),
    # --- single functions
    Equivalent(
        "what is taken together has the same length wherever this is reached: ``strict`` would only"
        " say so if it had not",
        change=r"^True → False$",
        operator="constant",
        also=lambda mutant: "strict=True" in mutant.statement,
    ),
    Equivalent(
        "more memory than the windows reach: they are a view made from the axes, not from its size",
        r"reach = |whole = memory",
        "arithmetic|constant",
        function="padded",
    ),
    Equivalent(
        "more of the memory is set to zero, before the entries are copied into it",
        r"borders\.append\(",
        "slice|arithmetic",
        function="framed",
    ),
    Equivalent(
        "the borders may be set to zero in any order",
        r"for border in \(slice",
        "axes",
        function="framed",
    ),
    Equivalent(
        "a longer piece of the signal than is read: what is beyond it is in no window",
        r"last = |pieces\.append\(",
        "arithmetic|constant|call",
        function="settling",
    ),
    Equivalent(
        "one place, or one tap: it is multiplied by zero, and only what it has in common with the"
        " other distance shortens the signal",
        r"if m == 1|step = spread if|if taps == 1|spread = step",
        function="settling",
    ),
    Equivalent("a common divisor is symmetric", r".*gcd\(", "axes", r"gcd"),
    Equivalent(
        "two empty lists",
        r"\w+, \w+ = \(\[\], \[\]\)",
        "axes",
    ),
    Equivalent(
        "to add or to copy an empty piece changes nothing",
        r"if read\.stop > read\.start|if end > begin|if pairs",
        "comparison|statement",
    ),
)


def argument(mutant: Mutant) -> str:
    """Why a mutant computes the same as the right template; nothing if no rule says so."""
    return next((rule.argument for rule in RULES if rule.fits(mutant)), "")
