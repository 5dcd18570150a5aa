"""Where models are found, and that nothing hangs where they are not."""

from __future__ import annotations

import time

import pytest

from cotkd.decoding import checkpoints
from cotkd.decoding.checkpoints import EMBEDDED, locate_model, tokenizer_in
from cotkd.errors import DataError, EngineError, SettingError
from cotkd.students.load import load_student
from cotkd.teachers.transformers import load_model
from tests.tiny import tiny_llama, tiny_t5


def test_embedded_names_lead_to_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoints, "resource", lambda name: tmp_path / name)
    for name in EMBEDDED:
        assert locate_model(name) == str(tmp_path / "checkpoints" / name)


def test_a_model_folder_is_itself(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert locate_model(str(tmp_path)) == str(tmp_path)


def test_a_folder_without_a_config_is_no_model(tmp_path):
    with pytest.raises(SettingError, match="holds no config"):
        locate_model(str(tmp_path))


def test_a_misspelt_embedded_name_is_recognised():
    with pytest.raises(SettingError, match="did you mean 'microgsm-teacher'"):
        locate_model("microgsm-techer")


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "../up", "./here", "~/models", "owner/", "/etc/none"]
)
def test_what_cannot_be_a_hub_name_is_not_looked_for_there(name, monkeypatch):
    monkeypatch.setattr(checkpoints, "_from_hub", lambda name: pytest.fail("asked the hub"))
    with pytest.raises((SettingError, DataError)):
        locate_model(name)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "bad name/with spaces"])
def test_an_unreachable_hub_is_one_line_within_seconds(name, monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    start = time.monotonic()
    with pytest.raises(SettingError) as caught:
        locate_model(name)
    assert time.monotonic() - start < checkpoints.PROBE_SECONDS + 2
    assert "\n" not in str(caught.value)
    assert repr(name) in str(caught.value)


def test_offline_mode_does_not_try_the_hub(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("asked the hub"))
    with pytest.raises(SettingError, match="HF_HUB_OFFLINE"):
        locate_model("nobody/no-such-model")


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("model.gguf", "quantised weights for llama.cpp"),
        ("some/model.Q4_K_M.gguf", "--teacher.engine openai"),
        ("model.safetensors", "a file of weights alone: give the folder that holds the weights"),
        ("some/model.safetensors", "such as some"),
        ("owner/pytorch_model.bin", "a file of weights alone"),
    ],
)
def test_a_file_of_weights_is_told_from_a_hub_name(name, said, there, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    if there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"GGUF")
    with pytest.raises(SettingError) as error:
        locate_model(name)
    assert said in str(error.value)
    assert "hub" not in str(error.value)


def test_any_other_file_is_no_model(tmp_path):
    (tmp_path / "README.md").write_text("")
    with pytest.raises(SettingError, match="is a file, and no model: give the folder"):
        locate_model(str(tmp_path / "README.md"))


@pytest.mark.parametrize("model", [tiny_llama, tiny_t5])
def test_a_folder_without_a_tokenizer_is_named_and_gets_no_empty_one(model, tmp_path):
    model().save_pretrained(tmp_path)
    with pytest.raises(SettingError) as error:
        tokenizer_in(str(tmp_path), "model")
    said = str(error.value)
    assert said.startswith(f"model: the folder {tmp_path} holds no tokenizer")
    assert said.endswith("copy the files of its base model's tokenizer into it")
    with pytest.raises(SettingError, match="holds no tokenizer"):
        load_student(tmp_path)
    with pytest.raises(SettingError, match="holds no tokenizer"):
        load_model(str(tmp_path))


def test_what_the_library_says_of_a_tokenizer_is_said_whole(tmp_path):
    tiny_llama().save_pretrained(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text("{}")
    with pytest.raises(EngineError) as error:
        tokenizer_in(str(tmp_path), "model")
    assert "\n" not in str(error.value)
    assert not str(error.value).endswith(":")
    assert "sentencepiece" in str(error.value)
