"""Layers compiled: functions on arrays, called by the names of the notation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property, lru_cache, partial
from types import ModuleType
from typing import Any

from derive.language.definition import Layer
from derive.language.entrywise import entrywise, of_rank
from numeric.emission.loading import loaded
from numeric.emission.modules import Function
from numeric.generation import (
    Generated,
    GeneratedKeeping,
    forward_alone,
    generated,
    generated_keeping,
)
from numeric.ranks import view
from numeric.targets import TARGETS
from verify.verdict import Verdict

#: the option for memory that is used again: targets that place no arrays ignore it
ARENA = "arena"


class Kernel:
    """A layer's forward and backward pass on NumPy arrays, or on what its target computes with.

    Tensors, hyperparameters and sizes that no tensor determines are given by their names in the
    notation.  Results have the dtype of the tensors: the common one, and floats where the layer
    leaves the integers.  Inputs are never changed, and no result shares memory with them.
    ``arena``, a ``numeric.arena.Arena``, may be given to every call: what is made lies there.
    ``out`` is where results go: an array, or arrays by name where there are several, of their
    shapes and dtypes.  Results are equal either way.
    Of an entrywise layer tensors may have any rank, all of them the same shape.
    """

    def __init__(
        self,
        layer: Layer,
        target: str,
        dtype: Any,
        threads: int | None = None,
    ) -> None:
        self.layer = layer
        self.target = target
        self.dialect = TARGETS.get(target).DIALECT
        self.dialect.available()
        self.dtype = None if dtype is None else self.dialect.dtype(dtype)
        self.threads = threads

    @cached_property
    def _generated(self) -> Generated:
        return generated(self.layer, self.target)

    @cached_property
    def _module(self) -> ModuleType:
        return _module(self.layer.name, self._generated.text)

    @cached_property
    def _keeping(self) -> GeneratedKeeping:
        return generated_keeping(self.layer, self.target)

    @cached_property
    def _keeping_module(self) -> ModuleType:
        return _module(self.layer.name, self._keeping.text)

    @cached_property
    def _begun(self) -> Generated:
        """What a forward pass needs; of a gradient layer without the gradients of the gradient.

        These are of an order nobody may ask for, and the longest to derive.
        """
        return forward_alone(self.layer, self.target) if self.layer.derived_by else self._generated

    @cached_property
    def _ahead(self) -> tuple[Function, ModuleType]:
        """``forward`` and its module."""
        return self._begun.forward, _module(self.layer.name, self._begun.text)

    @cached_property
    def _entrywise(self) -> bool:
        return entrywise(self.layer)

    def _for(self, given: Mapping[str, Any]) -> Kernel:
        """This kernel, unless the layer is entrywise and either it or what is given has no axes."""
        if not self._entrywise:
            return self
        own = not self.layer.tensors[0].axes
        shapes = [self.dialect.shape(given[t.name]) for t in self.layer.tensors if t.name in given]
        return self if any((shape == ()) == own for shape in shapes) else self._other

    @cached_property
    def _other(self) -> Kernel:
        """Of an entrywise layer, for numbers where it has axes, and for arrays where it has none.

        Numbers have code of their own, since their types give way to those of arrays.
        """
        rank = 0 if self.layer.tensors[0].axes else 1
        return self._like(of_rank(self.layer, rank))

    def _like(self, layer: Layer) -> Kernel:
        """A kernel as this one is for another layer."""
        return Kernel(layer, self.target, self.dtype, self.threads)

    @property
    def source(self) -> str:
        """The generated module: self-contained, for its library and the standard library."""
        return self._generated.text

    @property
    def explain(self) -> str:
        """The stages from the equations to the code, what was decided, and what is slow and why.

        And what forward keeps for backward.
        """
        said = (self._generated.explanation, self._keeping.explanation)
        return "\n\n".join(text for text in said if text)

    @property
    def gradients(self) -> tuple[str, ...]:
        """The tensors that there are gradients by."""
        return tuple(self._generated.gradients)

    @property
    def options(self) -> tuple[str, ...]:
        """What calls take beside tensors: hyperparameters, sizes that no tensor has, threads."""
        return tuple(option for option in self._ahead[0].options if option != ARENA)

    def plan_for(self, chosen: Mapping[str, int]) -> str:
        """``plan`` for sizes and hyperparameters given by name: {"N": 16, "H": 32, …}.

        ``ValueError`` lists the names that have no value, and those that the layer does not have.
        """
        from numeric.plans import hollow_arrays  # local: start-up time

        g, given = hollow_arrays(self.layer, chosen, self.options)
        return self.plan(g, **given)

    def plan(self, g: Any = None, /, **given: Any) -> str:
        """For arrays of these shapes, what each template could do and at what estimated cost.

        Given ``g`` also for the gradients.  Nothing is computed.
        """
        from numeric.plans import tables  # local: start-up time

        return tables(*self._hollow(g, given)) or "no template: everything is done on whole arrays"

    def algorithms(self, g: Any = None, /, **given: Any) -> dict[str, list[str]]:
        """For arrays of these shapes the template that each function takes for each correlation.

        Given ``g`` also for the gradients.  Nothing is computed.
        """
        from numeric.plans import slides, taken  # local: start-up time

        keeping = self._keeping
        if not slides((keeping.forward, *keeping.gradients.values())):
            return {}
        return taken(*self._hollow(g, given))

    def computing(self, **given: Any) -> Kernel:
        """The kernel of one target that computes for arrays of these shapes: this one, mostly."""
        return self._for(given)

    def _hollow(
        self, g: Any, given: Mapping[str, Any]
    ) -> tuple[ModuleType, dict[str, Callable[[], object]]]:
        """A module whose functions may be called without computing, and these calls by name."""
        module = _module("planned", self.source)
        hollow = copy(self)
        hollow.__dict__.update(_module=module, _ahead=(self._generated.forward, module))
        calls: dict[str, Callable[[], object]] = {"forward": lambda: hollow.forward(**given)}
        if g is not None:
            for tensor in self.gradients:
                calls[f"gradient by {tensor}"] = partial(hollow.backward, g, wrt=tensor, **given)
        return module, calls

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """Whether each array program equals its equations, by the names of the functions.

        *checked*: for all sizes.  What the printed lines do is *tested*, never more.  A target that
        makes no array program has no verdicts.
        """
        from numeric.program.equivalence import judged  # local: start-up time

        programs = {f.name: f.program for f in self._generated.functions}
        return {name: judged(p) for name, p in programs.items() if p is not None}

    def forward(self, *tensors: Any, out: Any = None, **given: Any) -> Any:
        """The output, or a dictionary of outputs by name where there are several.

        Tensors without a name are the layer's, in its order.
        ``ValueError`` names a tensor with a wrong shape or dtype, and a hyperparameter or size for
        which the layer is not defined.
        """
        named = self.named(tensors, given)
        kernel = self._for(named)
        function, module = kernel._ahead
        if out is None:
            return kernel._call(function, named, module)
        targets = self._targets(out, [e.name for e in self.layer.outputs])
        made = kernel._call(function, kernel._filling(targets, named, named.values()), module)
        return _filled(targets, made)

    def _targets(self, out: Any, names: Sequence[str]) -> dict[str, Any]:
        """The caller's arrays by the names of results."""
        if self.dialect.library != "NumPy":
            raise ValueError(f"out is for NumPy arrays, not for the target {self.target}")
        if not isinstance(out, Mapping):
            out = {names[0]: out} if len(names) == 1 else {}
        if set(out) != set(names):
            raise ValueError(f"out must have one array for each result: {', '.join(names)}")
        return dict(out)

    def _filling(
        self, targets: Mapping[str, Any], given: Mapping[str, Any], read: Iterable[Any]
    ) -> dict[str, Any]:
        """The arguments, with the caller's arrays for those results that can be written there.

        Parts of a layer have arrays of the same names, and entrywise arrays may have another rank.
        """
        if self.layer.parts or self._entrywise:
            return dict(given)
        from numeric.arena import Given, fit_to_fill  # local: start-up time

        return {**given, ARENA: Given(fit_to_fill(targets, read), given.get(ARENA))}

    def named(self, tensors: Sequence[Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments by their names."""
        names = [t.name for t in self.layer.tensors]
        if len(tensors) > len(names):
            raise ValueError(
                f"{self.layer.name} takes {len(names)} tensors, {', '.join(names)};"
                f" given {len(tensors)}; everything else is given by its name"
            )
        placed = dict(zip(names, tensors, strict=False))
        for name in placed:
            if name in given:
                raise ValueError(f"{name} is given twice, by its place and by its name")
        return {**placed, **given}

    def forward_keeping(self, *tensors: Any, **given: Any) -> tuple[Any, dict[str, Any]]:
        """What ``forward`` gives, and what backward need not compute again: arrays by name.

        Handed to ``backward`` as ``kept`` with the same tensors, which must not have changed.
        ``explain`` says what is kept and for which gradients; of many layers it is nothing.
        """
        named = self.named(tensors, given)
        kernel = self._for(named)
        made = kernel._call(kernel._keeping.forward, named, kernel._keeping_module)
        names, outputs = kernel._keeping.names, [e.name for e in kernel.layer.outputs]
        found = made if isinstance(made, dict) else {outputs[0]: made}
        result = found[outputs[0]] if len(outputs) == 1 else {y: found[y] for y in outputs}
        return result, {name: found[name] for name in names}

    def backward(
        self,
        g: Any = None,
        /,
        *tensors: Any,
        wrt: Iterable[str] | None = None,
        kept: Mapping[str, Any] | None = None,
        out: Any = None,
        **given: Any,
    ) -> Any:
        """The gradients by name, for the upstream gradient ``g``, an array of the output's shape.

        Where there are several outputs, ``g`` is a dictionary by their names, or the upstream
        gradients are given by theirs: ``g_y``.  ``wrt`` chooses tensors; else it is all of them.
        ``kept`` is what ``forward_keeping`` gave; without it that is computed again.
        """
        given = self.named(tensors, given)
        kernel = self._for(given)
        if kernel is not self:
            return kernel.backward(g, wrt=wrt, kept=kept, out=out, **given)
        chosen = self._chosen(wrt)
        if out is not None:
            targets = self._targets(out, chosen)
            named = {self._generated.made_by(name): array for name, array in targets.items()}
            upstream = g.values() if isinstance(g, Mapping) else [g]
            read = [*given.values(), *upstream, *(kept or {}).values()]
            given = self._filling(named, given, read)
            return _filled(targets, self.backward(g, wrt=wrt, kept=kept, **given))
        arrays = {**given, **self._upstream(g, given)}
        if kept is not None:
            return self._backward_from(self._checked(kept), arrays, chosen)
        together = self._generated.together
        if together is not None:
            made = self._call(together, arrays, self._module, wrt=chosen)
            return {name: made[name] for name in chosen}
        found = self._generated.gradients
        return {name: self._call(found[name], arrays, self._module) for name in chosen}

    def _backward_from(
        self, kept: Mapping[str, Any], arrays: Mapping[str, Any], chosen: Sequence[str]
    ) -> dict[str, Any]:
        """The gradients, each given what it reads of the kept arrays."""
        keeping, module = self._keeping, self._keeping_module
        if keeping.backward is not None:
            found = self._call(keeping.backward, arrays, module, wrt=chosen, kept=kept)
            return {name: found[name] for name in chosen}

        def computed(function: Function) -> Any:
            read = {name: array for name, array in kept.items() if name in function.arguments}
            return self._call(function, {**arrays, **read}, module)

        every = len(chosen) == len(keeping.gradients)
        if keeping.together is not None and every and not self._whole(arrays):
            return dict(zip(keeping.gradients, computed(keeping.together).values(), strict=True))
        return {wrt: computed(keeping.gradients[wrt]) for wrt in chosen}

    def _whole(self, arrays: Mapping[str, Any]) -> bool:
        """Whether all tensors of reals are given as integers: each gradient has a dtype then."""
        tables = {t.name for t in self.layer.tensors if t.integer}
        others = {*tables, *self.options, ARENA}
        known = [a for name, a in arrays.items() if name not in others]
        return all(self.dialect.dtype_of(a).startswith(("int", "uint", "bool")) for a in known)

    def _checked(self, kept: Mapping[str, Any]) -> Mapping[str, Any]:
        names = self._keeping.names
        if set(kept) != set(names):
            expected = ", ".join(names) or "nothing"
            raise ValueError(
                f"kept must be what {self.layer.name}'s forward_keeping gave: {expected};"
                f" given: {', '.join(kept) or 'nothing'}"
            )
        return kept

    def _chosen(self, wrt: Iterable[str] | None) -> list[str]:
        known = list(self._generated.gradients)
        if not known:
            raise ValueError(f"{self.layer.name} has no tensor of real numbers to differentiate by")
        names = known if wrt is None else [wrt] if isinstance(wrt, str) else list(wrt)
        for name in names:
            if name not in known:
                listed = ", ".join(known) or "none"
                raise ValueError(f"there is no gradient by {name!r}; there are: {listed}")
        return names

    def _upstream(self, g: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """The upstream gradients by their own names."""
        names = dict(self._generated.upstream)
        if g is None:
            missing = [u for u in names.values() if u not in given]
            if missing:
                raise ValueError(f"backward needs the upstream gradient {missing[0]}")
            return {}
        if not isinstance(g, Mapping):
            if len(names) != 1:
                outputs = ", ".join(names)
                raise ValueError(f"g must be a dictionary with one array an output: {outputs}")
            return dict.fromkeys(names.values(), g)
        if set(g) != set(names):
            raise ValueError(f"g must have one array for each output: {', '.join(names)}")
        return {names[output]: array for output, array in g.items()}

    def _call(
        self, function: Function, given: Mapping[str, Any], module: ModuleType, **more: Any
    ) -> Any:
        for name in given:
            if name not in function.arguments and name not in function.options and name != ARENA:
                listed = ", ".join([*function.arguments, *function.options])
                raise ValueError(f"{self.layer.name} has no {name!r}; it takes: {listed}")
        for name in function.arguments:
            if name not in given:
                raise ValueError(f"{self.layer.name} needs the tensor {name}")
            if self.dtype is not None:
                self._check_dtype(name, given[name])
        options = {word: given[name] for name, word in function.options.items() if name in given}
        if "threads" in function.options:
            options.setdefault("threads", self.threads)
        options.update(more)
        for word in function.required:
            if word not in options:
                raise ValueError(f"{self.layer.name} needs a value for {word}")
        arrays = {name: given[name] for name in function.arguments}
        seen = view(self.layer, arrays, self.dialect) if self._entrywise else None
        values = list(arrays.values())
        if seen is not None:
            values = [seen.into(array, self.dialect) for array in values]
        compute = getattr(module, function.name)
        made = _on_threads(options.get("threads"), compute, values, options)
        if seen is None:
            return made
        if isinstance(made, dict):
            return {name: seen.back(array, self.dialect) for name, array in made.items()}
        return seen.back(made, self.dialect)

    def _check_dtype(self, name: str, array: Any) -> None:
        tensor = self.layer.tensor(name)
        if tensor is not None and tensor.integer:
            return
        dtype = self.dialect.dtype_of(array)
        if dtype != self.dtype:
            raise ValueError(f"{name}: expected dtype {self.dtype}, given {dtype}")


def _filled(targets: Mapping[str, Any], made: Any) -> Any:
    """The caller's arrays with the results in them."""
    from numeric.arena import filled  # local: start-up time

    if not isinstance(made, dict):
        ((name, target),) = targets.items()
        return filled(name, target, made)
    return {name: filled(name, targets[name], array) for name, array in made.items()}


def _on_threads(
    number: int | None,
    compute: Callable[..., Any],
    values: Iterable[Any],
    options: Mapping[str, Any],
) -> Any:
    """What a function makes, with BLAS held to so many threads meanwhile, if a number is given."""
    if number is None:
        return compute(*values, **options)
    from numeric.templates.sharing import blas_threads  # local: start-up time

    with blas_threads(number):
        return compute(*values, **options)


@lru_cache(maxsize=128)
def _module(name: str, text: str) -> ModuleType:
    return loaded(name, text)
