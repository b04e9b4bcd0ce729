"""An array program as lines that go over its arrays block by block: ``numeric.emission.rows``.

What is said of a block is what is said of whole arrays, in a function whose arguments are the rows
of one block under the names of the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Mul

from derive.language.definition import Layer
from numeric.emission.broadcasting import ProgramWriter
from numeric.emission.comments import aspect, manner, remark
from numeric.emission.copies import without_copies
from numeric.emission.dialect import Body, Comment, Dialect
from numeric.emission.identifiers import Identifiers
from numeric.emission.inplace import into
from numeric.emission.regrouped import regrouped
from numeric.emission.repeated import once
from numeric.emission.rows import ROWS, Pass, passes
from numeric.emission.single import Single, singled_out
from numeric.emission.statements import written
from numeric.emission.winners import winners_of, winners_text
from numeric.lowering import program_of
from numeric.program.statements import Statement


def blocks_of(
    layer: Layer, outputs: Sequence[str], names: Identifiers, comment: Comment, dialect: Dialect
) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    outputs = tuple(outputs)
    program = program_of(layer, outputs)
    writer = _Blocks(ProgramWriter(program, names, dialect), comment)
    for part in passes(program):
        writer.add(part)
    return Body(tuple(writer.lines), tuple(writer.context.helpers), program=program)


class _Blocks:
    """The lines so far."""

    def __init__(self, context: ProgramWriter, comment: Comment) -> None:
        self.context = context
        self.lines: list[str] = []
        self._comment = comment
        self._names, self._dialect = context.names, context.dialect

    def add(self, part: Pass | Statement) -> None:
        if isinstance(part, Statement):
            text = self._text(part)
            name = self._names.array(part.name)
            made = [f"{name} = {text}"] if isinstance(text, str) else text
            self.lines += [*self._said(part), *made]
            return
        block = self._names.local("block", "block")
        inside: list[str] = []
        visible = self._visible(part.blocks)
        own_each = regrouped(visible)
        stated = {s.name: s for s in part.statements}
        stated |= {new.name: new for new, old in zip(own_each, visible, strict=True) if new != old}
        read = {s.name for s in (*part.made, *part.summed)}
        own_each = without_copies(once(own_each, self.context.fresh), read)
        pairs = list(winners_of(own_each, {s.name for s in part.made}, self.context))
        first = {min(pair, key=own_each.index).name: pair for pair in pairs}
        later = {s.name for pair in pairs for s in pair} - first.keys()
        for own in own_each:
            if own.name in later:
                continue
            pair = first.get(own.name)
            lines = (
                self._of_block(own, part) if pair is None else [winners_text(pair, self.context)]
            )
            told = (own,) if pair is None else pair
            inside += [line for s in told for line in self._said(stated.get(s.name, s))]
            inside += lines
        arrays = [self._names.array(n) for n in (*part.cut, *(s.name for s in part.made))]
        rows = self._names.symbol(ROWS)
        if any(rows in line for line in inside if not line.startswith("#")):
            inside.insert(0, f"{rows} = len({arrays[0]})")
        self.lines += self._begun(part)
        self.lines += [f"def {block}({', '.join(arrays)}):", *(f"    {line}" for line in inside)]
        threads = "1" if part.summed else "threads"
        helper = "over_entries" if part.flat else "over_rows"
        self.lines += ["", self.context.call(helper, block, threads, *arrays)]

    def _visible(self, statements: Sequence[Statement]) -> list[Statement]:
        return [s for s in statements if s.name not in self.context.hidden]

    def _added(self, name: str, single: Single) -> str:
        """The line that adds to single entries."""
        place = self.context.index(single.place, single.others)
        value = self.context.aligned(single.value, single.others)
        return self.context.call("add_single", name, str(single.axis), place, value)

    def _whole(self, statement: Statement, part: Pass) -> list[str]:
        """The arrays of a block with the same axes as what a statement of reals makes."""
        if statement.kind != "real":
            return []
        shapes = {name: self.context.program.extents(name) for name in part.cut}
        shapes |= {s.name: s.extents for s in part.rows if s.kind == "real"}
        own = shapes[statement.name]
        return [self._names.array(name) for name, shape in shapes.items() if shape == own]

    def _begun(self, part: Pass) -> list[str]:
        """The arrays that blocks fill, and those that they add to."""
        lines = []
        for statement in part.made:
            dtype = "dtype" if statement.kind == "real" else self._numbers(statement)
            shape = self.context.shape(statement.extents)
            made = self._dialect.allocated(statement.name, shape, dtype, self.context.call)
            lines.append(f"{self._names.array(statement.name)} = {made}")
        for statement in part.summed:
            zeros = self._dialect.zeros(self.context.shape(statement.extents))
            lines.append(f"{self._names.array(statement.name)} = {zeros}")
        return lines

    def _numbers(self, statement: Statement) -> str:
        """The type of places."""
        if self.context.windows.folded(statement) is None:
            return "np.intp"
        count = Mul(*(n for _, n in getattr(statement, "over", ())))
        return self.context.call("place_dtype", self.context.size(count))

    def _of_block(self, statement: Statement, part: Pass) -> list[str]:
        """The lines of one statement of a block."""
        single: list[Single] = []
        if statement.name in {s.name for s in part.made} and self.context.knows("add_single"):
            statement, single = singled_out(statement)
        name, text = self._names.array(statement.name), self._text(statement)
        if single:
            assert isinstance(text, str)
            return [
                *into(name, text, self._whole(statement, part)),
                *(self._added(name, one) for one in single),
            ]
        if statement.name in {s.name for s in part.summed}:
            assert isinstance(text, str)
            return [f"{name}[...] += {text}"]
        if statement.name not in {s.name for s in part.made}:
            return [f"{name} = {text}"] if isinstance(text, str) else text
        if isinstance(text, str):
            return into(name, text, self._whole(statement, part))
        first, *others = text
        if not others:
            return into(name, first.removeprefix(f"{name} = "), self._whole(statement, part))
        if first.startswith(f"{name} = np.zeros(") and not others[-1].startswith(f"{name} = "):
            return [f"{name}[...] = 0", *others]
        whole = self._names.local(("rows", statement.name), f"{statement.name}_rows")
        return [f"{whole} = {name}", *text, f"{whole}[...] = {name}"]

    def _text(self, statement: Statement) -> str | list[str]:
        """The array as an expression or in lines; values of indices that it needs come before."""
        known = len(self.context.counted)
        text = written(statement, self.context)
        counted = list(self.context.counted.items())[known:]
        rows = self._names.symbol(ROWS)
        self.lines += [
            f"{name} = {self._dialect.counting(size)}" for name, size in counted if size != rows
        ]
        inner = [f"{name} = {self._dialect.counting(rows)}" for name, n in counted if n == rows]
        if not inner:
            return text
        for name, size in counted:
            if size == rows:
                del self.context.counted[name]
        own = self._names.array(statement.name)
        return [*inner, *([f"{own} = {text}"] if isinstance(text, str) else text)]

    def _said(self, statement: Statement) -> list[str]:
        program = self.context.program
        step = self._comment(program.origin(statement.name), aspect(statement, program))
        return remark(statement, step, manner(statement, program))
