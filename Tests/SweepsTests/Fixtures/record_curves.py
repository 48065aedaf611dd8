"""Records the curves of a grid on the built-in digits, for the benchmark of successive halving.

Usage: record_curves.py SIGNFLIP constant > curves-constant.csv      (32 trainings of 27 epochs, 10 minutes on one core)
       record_curves.py SIGNFLIP exponential > curves-decaying.csv
"""

import json
import subprocess
import sys

RATES = ["0.0001", "0.00027", "0.00072", "0.0019", "0.0052", "0.014", "0.037", "0.1"]
EPOCHS = 27

print("learningRate,clipValue," + ",".join(f"epoch{epoch}" for epoch in range(1, EPOCHS + 1)))
for clip in ["0.25", "0.5", "1", "2"]:
    for rate in RATES:
        settings = ["hidden=[64]", f"learningRate={rate}", f"schedule={sys.argv[2]}", "finalLearningRate=", f"clipValue={clip}", "dropout=0"]
        command = [sys.argv[1], "train", "digits-quick", "--lanes", "binary", "--json", "--no-record", "--threads", "1"]
        command += ["--seed", "1", "--epochs", str(EPOCHS)] + [word for key in settings for word in ("--set", key)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        events = [json.loads(line) for line in output.splitlines()]
        epochs = [event for event in events if event["event"] == "epoch" and event["epoch"] > 0]
        print(",".join([rate, clip] + [f"{event['validationAccuracy']:.4f}" for event in epochs]))
