"""Where models are found, and that nothing hangs where they are not."""

from __future__ import annotations

import time

import pytest

from cotkd.decoding import checkpoints
from cotkd.decoding.checkpoints import EMBEDDED, locate_model
from cotkd.errors import DataError, SettingError


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
