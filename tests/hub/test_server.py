"""The test hub speaks as the real one: huggingface_hub's own functions understand it."""

import json
import subprocess
import sys

OWN = """
import json, sys
from pathlib import Path
from huggingface_hub import HfApi, hf_hub_download
api, folder = HfApi(), Path(sys.argv[1])
info = api.model_info("org/m", files_metadata=True)
for name in ("model.safetensors", "config.json"):
    hf_hub_download("org/m", name, local_dir=folder, revision=info.sha)
try:
    api.model_info("org/none")
except Exception as error:
    missing = error.response.status_code
weights = {file.rfilename: file.lfs and file.lfs.sha256 for file in info.siblings}
print(json.dumps([info.sha, weights, missing]))
"""


def test_the_library_resolves_and_downloads(hub, folder, tmp_path):
    commit = hub.publish("org/m", folder, cardData={"license": "mit"})
    env = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    command = [sys.executable, "-c", OWN, str(tmp_path / "to")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    sha, files, missing = json.loads(done.stdout)
    assert sha == commit
    assert set(files) == {path.name for path in folder.iterdir()}
    assert [name for name, sha256 in files.items() if sha256] == ["model.safetensors"]
    assert missing == 401
    for name in ("model.safetensors", "config.json"):
        assert (tmp_path / "to" / name).read_bytes() == (folder / name).read_bytes()
