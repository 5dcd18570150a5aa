"""Every recipe is valid; an encoder–decoder student gets its own settings, flags go before them."""

import pytest

from cotkd.errors import SettingError
from cotkd.settings.recipe import architecture_of, find_recipe, recipes, resolve
from cotkd.stages.settings import RunConfig


@pytest.mark.parametrize("recipe", list(recipes()), ids=lambda recipe: recipe.name)
def test_a_recipe_resolves_with_either_student(recipe) -> None:
    decoder = resolve(recipe)
    assert recipe.summary
    assert RunConfig.parse(decoder.dump()) == decoder
    encoder = resolve(recipe, [("student.model", "microgsm-student-t5")])
    assert encoder.student.model == "microgsm-student-t5"


def test_flags_go_before_the_encoder_decoder_section() -> None:
    recipe = find_recipe("fine_tune_cot")
    t5 = ("student.model", "microgsm-student-t5")
    budget = recipe.encoder_decoder["training.processed_tokens"]
    assert resolve(recipe, [t5]).training.processed_tokens == budget
    assert resolve(recipe).training.processed_tokens != budget
    flags = [t5, ("training.processed_tokens", "5")]
    assert resolve(recipe, flags).training.processed_tokens == 5


def test_hub_names_are_judged_without_a_download() -> None:
    assert architecture_of("google/flan-t5-base") == "encoder-decoder"
    assert architecture_of("Qwen/Qwen2.5-0.5B") is None


def test_a_misspelt_recipe_names_the_close_one() -> None:
    with pytest.raises(SettingError, match="did you mean 'fine_tune_cot'"):
        find_recipe("fine_tune_cott")


def test_broken_yaml_is_one_whole_line_that_says_where(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("samples: 2\nfilters: [1\nseed: 0\n")
    with pytest.raises(SettingError, match=r"mine\.yaml: not a readable YAML file \(line 3: .*\)$"):
        find_recipe(str(path))


def test_a_yaml_file_is_a_recipe(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# My own recipe\nsamples: 2\n")
    recipe = find_recipe(str(path))
    assert (recipe.name, recipe.summary) == ("mine", "My own recipe")
    assert resolve(recipe).samples == 2


def test_a_new_kind_says_which_settings_of_the_recipe_go_with_the_old_one(caplog) -> None:
    recipe = find_recipe("gsm8k_fine_tune_cot")
    resolve(recipe, [("method.kind", "mt_cot"), ("method.filters", "correct")])
    (line,) = [one.getMessage() for one in caplog.records]
    assert line == (
        "--method.kind mt_cot: method.elicitation as mt_cot has them by default; what recipe "
        "gsm8k_fine_tune_cot says there is for fine_tune_cot"
    )
    caplog.clear()
    resolve(recipe, [("method.kind", "fine_tune_cot"), ("samples", "2")])
    assert caplog.records == []


def test_a_new_kind_by_a_short_flag_says_it_too(caplog) -> None:
    flags = [("teacher.engine", "vllm"), ("teacher.model", "theirs")]
    resolve(find_recipe("gsm8k_fine_tune_cot"), flags)
    (line,) = [one.getMessage() for one in caplog.records]
    assert line == (
        "--teacher.kind vllm: teacher.dtype as vllm has them by default; what recipe "
        "gsm8k_fine_tune_cot says there is for transformers"
    )
