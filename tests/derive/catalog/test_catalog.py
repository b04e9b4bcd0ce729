"""Options of catalog layers: names and numbers that make sense, and what is said of others."""

from __future__ import annotations

from fractions import Fraction

import pytest

import derive
from derive import catalog
from derive.catalog import OptionError


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("conv", {"stride": "H"}),
        ("conv", {"stride": "K1"}),
        ("conv", {"stride": "r"}),
        ("conv", {"padding": "x"}),
        ("conv", {"padding": "a"}),
        ("conv", {"padding": [("p", "y"), (0, 0)]}),
        ("conv", {"dilation": "y"}),
        ("conv", {"dilation": "s1"}),
        ("conv", {"kernel_size": "H"}),
        ("conv", {"kernel_size": "k"}),
        ("conv", {"kernel_size": ("K", "s1")}),
        ("conv", {"channels": True, "kernel_size": "O"}),
        ("conv", {"channels": True, "groups": "C"}),
        ("conv", {"channels": True, "groups": "N"}),
        ("conv", {"channels": True, "groups": "n"}),
        ("conv", {"channels": True, "groups": "b"}),
        ("conv", {"dims": 3, "stride": "H2"}),
        ("conv_transpose", {"output_padding": "W"}),
        ("conv_transpose", {"kernel_size": "e1"}),
        ("avgpool", {"kernel_size": "C"}),
        ("avgpool", {"stride": "K1"}),
        ("avgpool", {"padding": "i"}),
    ],
)
def test_a_symbol_cannot_take_a_name_of_the_layer(name: str, options: dict[str, object]) -> None:
    with pytest.raises(OptionError, match=r"cannot be called .* has a meaning of its own"):
        derive.layer(name, **options)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("conv", {"stride": "q", "padding": "q"}),
        ("conv", {"stride": ("u", "v"), "dilation": ("v", "u")}),
        ("conv", {"stride": "u", "kernel_size": "u"}),
        ("conv", {"channels": True, "groups": "u", "padding": [("u", 1), (1, 1)]}),
        ("conv_transpose", {"padding": "u", "output_padding": "u"}),
        ("avgpool", {"kernel_size": "u", "stride": "u"}),
    ],
)
def test_two_options_cannot_share_a_name(name: str, options: dict[str, object]) -> None:
    with pytest.raises(OptionError, match=r"cannot both be called '[a-z]'"):
        derive.layer(name, **options)


@pytest.mark.parametrize(
    ("name", "options", "symbols"),
    [
        ("conv", {"stride": "s"}, ["s"]),
        ("conv", {"stride": "s1"}, ["s1"]),
        ("conv", {"stride": ("s2", "s1")}, ["s2", "s1"]),
        ("conv", {"stride": "s", "padding": "p", "dilation": "d"}, ["s", "d", "p"]),
        ("conv", {"dims": 1, "stride": "s", "padding": "p", "dilation": "d"}, ["s", "d", "p"]),
        ("conv", {"padding": [("u", "u"), ("u", "v")]}, ["u", "v"]),
        ("conv", {"channels": True, "groups": "G"}, ["G"]),
        ("conv", {"channels": True, "groups": "groups", "stride": "stride"}, ["stride", "groups"]),
        ("conv", {"stride": "s'"}, ["s'"]),
        ("conv", {"stride": "σ"}, ["σ"]),
        ("conv", {"stride": "R"}, ["R"]),
        ("conv_transpose", {"stride": "s", "output_padding": "e"}, ["s", "e"]),
        ("avgpool", {"kernel_size": "K"}, ["K"]),
        ("avgpool", {"kernel_size": "K2", "padding": "p"}, ["K2", "p"]),
        ("avgpool", {"kernel_size": ("K2", "K1"), "stride": "s"}, ["K2", "K1", "s"]),
    ],
)
def test_symbols_that_keep_their_names(
    name: str, options: dict[str, object], symbols: list[str]
) -> None:
    layer = derive.layer(name, **options)
    assert [h.name for h in layer.hyperparameters] == symbols
    assert derive.parse(layer.text) == layer


def test_kernel_sizes_are_sizes_of_the_kernel() -> None:
    shapes = {
        kernel_size: [str(n) for n in derive.layer("conv", kernel_size=kernel_size).shape("k")]
        for kernel_size in ("K", ("L", "M"), ("K2", "K1"), 3, (3, "K"))
    }
    assert shapes == {
        "K": ["K", "K"],
        ("L", "M"): ["L", "M"],
        ("K2", "K1"): ["K2", "K1"],
        3: ["3", "3"],
        (3, "K"): ["3", "K"],
    }


# --- values that make no sense --------------------------------------------------------------------


NO_NUMBER = [1.0, 2.5, True, False, {}, {1: 2}, {1, 2}, b"ab", ..., Fraction(1), -1, 10**40]
NO_SEQUENCE = [[], [1], [1, 2, 3], [1, None], [1, True], [1, 2.0], (1, -1), range(1, 3)]
NO_NAME = ["1x", "", " ", "2", "-1", "a b", "a[0]", "a;", "sum", "inf", "1:2", "s\n", "σ+1"]


@pytest.mark.parametrize("value", [*NO_NUMBER, *NO_SEQUENCE, *NO_NAME], ids=repr)
@pytest.mark.parametrize("option", ["stride", "dilation", "kernel_size", "padding"])
def test_no_value_of_any_hyperparameter(option: str, value: object) -> None:
    with pytest.raises(OptionError, match=option):
        derive.layer("conv", **{option: value})


@pytest.mark.parametrize("value", [0, (1, 0), "same", "valid", [[1, 1], [1, 1]]], ids=repr)
def test_what_only_padding_can_be(value: object) -> None:
    derive.layer("conv", padding=value)
    for option in ("stride", "dilation", "kernel_size"):
        with pytest.raises(OptionError, match=option):
            derive.layer("conv", **{option: value})


def test_none_leaves_only_the_kernel_size_symbolic() -> None:
    assert derive.layer("conv", kernel_size=None) == derive.layer("conv")
    for option in ("stride", "dilation", "padding"):
        with pytest.raises(OptionError, match=f"{option} must be a whole number or a name"):
            derive.layer("conv", **{option: None})


@pytest.mark.parametrize("padding", [[(1, 2)], [(1, 2), 3], [(1, 2, 3), (1, 2)], [(1,), (2,)]])
def test_asymmetric_padding_is_pairs(padding: object) -> None:
    for name in ("conv", "conv_transpose", "avgpool"):
        with pytest.raises(OptionError, match="one pair"):
            derive.layer(name, padding=padding)


@pytest.mark.parametrize("pair", [(1, None), (True, 1), ("same", 1), (1, -1), (1.0, 1), ("", 1)])
def test_both_sides_of_a_pair_are_checked(pair: object) -> None:
    with pytest.raises(OptionError, match="padding"):
        derive.layer("conv", padding=[pair, (1, 1)])


@pytest.mark.parametrize("dims", [True, False, "2", 2.0, None, 0, -1, 9, [2], "two"], ids=repr)
@pytest.mark.parametrize("name", ["conv", "conv_transpose", "avgpool"])
def test_dims_is_a_small_number(name: str, dims: object) -> None:
    with pytest.raises(OptionError, match=r"dims must be between 1 and 8, not"):
        derive.layer(name, dims=dims)


@pytest.mark.parametrize("groups", [None, True, 1.0, "", "1", [1, 1], 0, -2, "sum"], ids=repr)
@pytest.mark.parametrize("name", ["conv", "conv_transpose"])
def test_groups_is_one_number_or_name(name: str, groups: object) -> None:
    with pytest.raises(OptionError, match="groups"):
        derive.layer(name, channels=True, groups=groups)
    with pytest.raises(OptionError, match="groups"):
        derive.layer(name, groups=groups)


@pytest.mark.parametrize("value", ["yes", "no", "", 0, 1, 2.0, [], None], ids=repr)
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("conv", "channels"),
        ("conv_transpose", "channels"),
        ("conv", "bias"),
        ("linear", "bias"),
        ("avgpool", "channels"),
        ("avgpool", "ceil_mode"),
        ("avgpool", "count_include_pad"),
    ],
)
def test_flags_are_true_or_false(name: str, option: str, value: object) -> None:
    if option == "bias" and name == "conv" and value is None:
        assert derive.layer("conv", bias=None) == derive.layer("conv")
        return
    with pytest.raises(OptionError, match=f"{option} must be True or False, not"):
        derive.layer(name, **{option: value})


@pytest.mark.parametrize("name", ["convolution", "", "Conv", "__init__", "layers.conv", "../conv"])
def test_unknown_layers_list_the_known_ones(name: str) -> None:
    with pytest.raises(
        OptionError,
        match=r"the catalog has: .* avgpool, .* conv, conv_transpose",
    ):
        derive.layer(name)


@pytest.mark.parametrize("option", ["strides", "name", "self", "text"])
def test_unknown_options_list_the_known_ones(option: str) -> None:
    with pytest.raises(OptionError, match=f"conv has no option '{option}'; its options are: dims"):
        derive.layer("conv", **{option: 1})
    with pytest.raises(OptionError, match="it takes none"):
        derive.layer("embedding", **{option: 1})


@pytest.mark.parametrize("name", catalog.names())
def test_every_layer_has_a_summary_and_documented_options(name: str) -> None:
    assert " = " in catalog.summary(name)
    assert catalog.module(name).notation.__doc__.startswith("Shapes: ")
    assert all(p.default is not p.empty for p in catalog.options(name).values())
    assert derive.layer(name).name == name


@pytest.mark.parametrize("name", catalog.names())
def test_summaries_are_those_of_the_modules(name: str) -> None:
    assert catalog.summary(name) == catalog.module(name).SUMMARY
