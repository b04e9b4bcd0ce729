"""Random changes of images: what they do, that they do it alike, and what they leave alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric.augmentation import AUGMENTATIONS, Augmentation, augmentation
from numeric.augmentation.affine import bilinear, sampled
from numeric.augmentation.colour import principal
from numeric.data import Array, DataSet
from numeric.worded import whole

#: each with options under which nothing is changed
NOTHING: Mapping[str, str] = {
    "affine": "affine(degrees=0, shift=0, scale=0)",
    "colour": "colour(sigma=0)",
    "crop": "crop(pixels=0)",
    "flip": "flip(probability=0)",
}
SEEDS = st.integers(0, 2**32 - 1)


def images(seed: int, count: int = 5, channels: int = 3, size: tuple[int, int] = (6, 7)) -> Array:
    return np.random.default_rng(seed).random((count, channels, *size))


def data(images: Array) -> DataSet:
    return DataSet(images, np.zeros(len(images), np.int64), ("a",))


def change(text: str, like: Array) -> Augmentation:
    return augmentation([text], data(like))


def test_all_have_options_that_change_nothing() -> None:
    assert [*NOTHING] == AUGMENTATIONS.names()


# --- what holds for all ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOTHING)
@given(seed=SEEDS, dtype=st.sampled_from([np.float32, np.float64]), count=st.integers(0, 4))
def test_images_keep_shape_and_dtype_and_are_not_written_to(
    name: str, seed: int, dtype: type, count: int
) -> None:
    x = images(seed, count).astype(dtype)
    before = x.copy()
    made = change(name, images(seed))(x, np.random.default_rng(seed))
    assert made.shape == x.shape and made.dtype == dtype and not np.shares_memory(made, x)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", NOTHING)
@given(seed=SEEDS)
def test_no_strength_is_no_change(name: str, seed: int) -> None:
    x = images(seed)
    np.testing.assert_array_equal(change(NOTHING[name], x)(x, np.random.default_rng(seed)), x)


@pytest.mark.parametrize("name", NOTHING)
@given(seed=SEEDS)
def test_the_same_state_gives_the_same_changes_in_any_precision(name: str, seed: int) -> None:
    x = images(seed)
    do = change(name, x)
    one, again = (do(x, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    single = do(x.astype(np.float32), np.random.default_rng(seed))
    np.testing.assert_allclose(single, one, atol=1e-4)


@pytest.mark.parametrize("name", NOTHING)
def test_images_are_changed_each_for_itself(name: str) -> None:
    x = np.repeat(images(0, 1), 40, axis=0)
    made = change(name, images(0))(x, np.random.default_rng(0))
    assert len({image.tobytes() for image in made}) > 1
    one = change(name, images(0))(x[:1], np.random.default_rng(3))
    assert one.shape == (1, 3, 6, 7)


# --- crops ----------------------------------------------------------------------------------------


def shifted(image: Array, down: int, across: int) -> Array:
    """Entry by entry: black moves in."""
    made = np.zeros_like(image)
    for c, i, j in np.ndindex(*image.shape):
        if 0 <= i + down < image.shape[1] and 0 <= j + across < image.shape[2]:
            made[c, i, j] = image[c, i + down, j + across]
    return made


@given(SEEDS, st.integers(0, 6))
def test_crops_are_shifts_by_at_most_so_many_pixels(seed: int, pixels: int) -> None:
    x = images(seed, count=3)
    made = change(f"crop(pixels={pixels})", x)(x, np.random.default_rng(seed))
    reach = range(-pixels, pixels + 1)
    for image, cut in zip(x, made, strict=True):
        assert any(np.array_equal(cut, shifted(image, i, j)) for i in reach for j in reach)


def test_all_shifts_occur() -> None:
    x = np.zeros((400, 1, 7, 7))
    x[:, :, 3, 3] = 1
    made = change("crop(pixels=1)", x)(x, np.random.default_rng(0))
    places = {tuple(place) for place in np.argwhere(made)[:, 2:].tolist()}
    assert places == {(i, j) for i in (2, 3, 4) for j in (2, 3, 4)}


# --- reflections ----------------------------------------------------------------------------------


@given(SEEDS, st.floats(0, 1))
def test_reflected_twice_is_the_image(seed: int, probability: float) -> None:
    x = images(seed)
    flip = change(f"flip(probability={probability})", x)
    once = flip(x, np.random.default_rng(seed))
    np.testing.assert_array_equal(flip(once, np.random.default_rng(seed)), x)
    for image, made in zip(x, once, strict=True):
        assert any(np.array_equal(made, other) for other in (image, image[..., ::-1]))


def test_reflections_are_left_to_right_and_as_often_as_said() -> None:
    x = images(0, count=4000, channels=1, size=(2, 2))
    every = change("flip(probability=1)", x)(x, np.random.default_rng(0))
    np.testing.assert_array_equal(every, x[..., ::-1])
    some = change("flip(probability=0.25)", x)(x, np.random.default_rng(0))
    assert 0.2 < (some != x).any((1, 2, 3)).mean() < 0.3


# --- affine maps ----------------------------------------------------------------------------------


def interpolated(image: Array, down: float, across: float) -> Array:
    """One place, from its four neighbours: the sum of (1 − |distance|) over both axes."""
    total = np.zeros(len(image))
    for i, j in np.ndindex(*image.shape[1:]):
        total += image[:, i, j] * max(0, 1 - abs(i - down)) * max(0, 1 - abs(j - across))
    return total


@given(SEEDS)
def test_between_pixels_and_outside(seed: int) -> None:
    x = images(seed, count=2, size=(4, 3))
    down, across = np.random.default_rng(seed).uniform(-3, 7, (2, 2, 2, 2))
    made = bilinear(x, down, across)
    for n, i, j in np.ndindex(2, 2, 2):
        expected = interpolated(x[n], down[n, i, j], across[n, i, j])
        np.testing.assert_allclose(made[n, :, i, j], expected, atol=1e-12)


QUARTER = np.array([[0.0, 1.0], [-1.0, 0.0]])


@given(SEEDS, st.integers(0, 3))
def test_quarter_turns_permute_pixels(seed: int, turns: int) -> None:
    x = images(seed, count=2, size=(5, 5))
    turn = np.linalg.matrix_power(QUARTER, turns)[..., None].repeat(2, -1)
    made = sampled(x, turn, np.zeros((2, 2)))
    np.testing.assert_allclose(made, np.rot90(x, turns, (2, 3)), atol=1e-12)


def test_an_image_is_turned_made_larger_and_shifted_about_its_middle() -> None:
    x = np.zeros((1, 1, 9, 9))
    x[0, 0, 4, 6] = 1  # two to the right of the middle
    twice = np.eye(2)[..., None] / 2
    assert np.argwhere(sampled(x, twice, np.zeros((2, 1))) == 1).tolist() == [[0, 0, 4, 8]]
    still = np.eye(2)[..., None]
    moved = sampled(x, still, np.array([[2.0], [-3.0]]))
    assert np.argwhere(moved).tolist() == [[0, 0, 6, 3]]


@given(SEEDS)
def test_affine_maps_stay_within_their_limits(seed: int) -> None:
    """A point two to the right of the middle: how far off it is after each kind of change."""
    x = np.zeros((30, 1, 11, 11))
    x[:, 0, 5, 7] = 1
    for text, far, axis in [
        ("affine(degrees=30, shift=0, scale=0)", 2 * 2 * np.sin(np.deg2rad(15)), 0),
        ("affine(degrees=0, shift=1, scale=0)", np.sqrt(2), 0),
        ("affine(degrees=0, shift=0, scale=0.5)", 1, 1),
    ]:
        made = change(text, x)(x, np.random.default_rng(seed))[:, 0]
        mass = made.sum((1, 2))
        down, across = (
            (made * axis).sum((1, 2)) / mass for axis in np.mgrid[:11, :11].astype(float)
        )
        moved = np.array([down - 5, across - 7])
        assert moved[axis].min() < -far / 5 and moved[axis].max() > far / 5
        distance = np.hypot(*moved)
        assert distance.max() <= far + 0.35 and distance.max() > far / 2


# --- colour ---------------------------------------------------------------------------------------


def test_principal_axes_are_those_of_the_covariance() -> None:
    x = (256 * images(0, count=9)).astype(np.uint8)
    x[:, 1] //= 3
    axes = principal(DataSet(x, np.zeros(9, np.int64), ("a",), 255.0))
    pixels = np.moveaxis(x, 1, 0).reshape(3, -1) / 255
    np.testing.assert_allclose(axes @ axes.T, np.cov(pixels, bias=True), atol=1e-12)
    gram = axes.T @ axes
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-12)
    assert (np.diff(np.diag(gram)) > 0).all()
    assert (axes[np.abs(axes).argmax(0), range(3)] > 0).all()


@given(SEEDS)
def test_one_colour_is_added_to_all_pixels(seed: int) -> None:
    x = images(seed)
    added = change("colour(sigma=0.5)", x)(x, np.random.default_rng(seed)) - x
    np.testing.assert_allclose(added, added[:, :, :1, :1].repeat(6, 2).repeat(7, 3), atol=1e-12)


def test_colours_vary_as_those_of_the_set_do() -> None:
    like = images(0) * np.array([1.0, 0.5, 0.1])[:, None, None]
    x = np.zeros((20000, 3, 1, 1))
    added = change("colour(sigma=0.5)", like)(x, np.random.default_rng(0))[:, :, 0, 0]
    pixels = np.moveaxis(like, 1, 0).reshape(3, -1)
    expected = 0.25 * np.cov(pixels, bias=True)
    np.testing.assert_allclose(np.cov(added.T), expected, atol=0.05 * expected.max())


def test_grey_images_have_no_colours() -> None:
    with pytest.raises(ValueError, match="colour: images must have 3 channels, RGB, not 1"):
        change("colour", images(0, channels=1))


# --- as text --------------------------------------------------------------------------------------


def test_options_are_read_and_the_others_are_what_they_are_by_default() -> None:
    x = images(0)
    one, other = (
        change(text, x)(x, np.random.default_rng(0))
        for text in (" affine( degrees = 12,scale=.2 ) ", "affine(degrees=12, shift=1, scale=0.2)")
    )
    np.testing.assert_array_equal(one, other)


def test_written_out_an_option_keeps_all_its_digits() -> None:
    written = whole("affine(degrees=12, shift=0.123456789)", AUGMENTATIONS)
    assert written == "affine(degrees=12, shift=0.123456789, scale=0.1)"
    assert whole(written, AUGMENTATIONS) == written


def test_several_are_made_one_after_the_other() -> None:
    x = images(0)
    both = augmentation(["crop(pixels=1)", "flip"], data(x))(x, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    expected = change("flip", x)(change("crop(pixels=1)", x)(x, rng), rng)
    np.testing.assert_array_equal(both, expected)
    assert augmentation([], data(x))(x, rng) is x


WRONG = {
    "flop": "there is no augmentation 'flop'; there are: affine, colour, crop, flip; did you mean",
    "crop 2": "'crop 2' is no augmentation",
    "crop(pixel=2)": "crop has no option 'pixel'; its options are: pixels; did you mean",
    "crop(pixels=-1)": "pixels in .* must be a number of at least 0",
    "crop(pixels=nan)": "pixels in .* must be a number",
    "crop(pixels=1.5)": "crop: pixels must be whole, and at most the image's size, not 1.5",
    "crop(pixels=7)": "crop: pixels must be whole, and at most",
    "flip(probability=2)": "flip: probability must be at most 1, not 2",
    "affine(scale=1)": "affine: scale must be less than 1, not 1",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_texts(text: str) -> None:
    with pytest.raises(ValueError, match=WRONG[text]):
        change(text, images(0))
