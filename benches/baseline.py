"""What a team would write without Cambium: load, three passes, compare. Prints its figures as JSON.

    baseline.py BACKBONE ADAPTER PROBE
"""
import json
import resource
import sys
import time

STARTED = time.perf_counter()

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

backbone, adapter, probe = sys.argv[1:]
torch.set_num_threads(2)
inputs = {name.removeprefix("input."): value for name, value in load_file(probe).items() if name.startswith("input.")}
config = json.load(open(f"{adapter}/adapter_config.json"))
weights = load_file(f"{adapter}/adapter_model.safetensors")
labels = next(len(value) for name, value in weights.items() if name.endswith("classifier.weight"))
model = AutoModelForSequenceClassification.from_pretrained(backbone, num_labels=labels).eval()
model = PeftModel.from_pretrained(model, adapter).eval()
seconds = []
with torch.no_grad():
    def run():
        began = time.perf_counter()
        logits = model(**inputs).logits
        seconds.append(time.perf_counter() - began)
        return logits

    adapted = run()
    with model.disable_adapter():
        bare = run()
    again = run()
assert adapted.isfinite().all() and torch.equal(adapted, again) and not torch.equal(adapted, bare)
print(json.dumps({
    "seconds": time.perf_counter() - STARTED,
    "forward": min(seconds),
    "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
