"""Prints the statistics of a profile, in its order."""

import json
import struct
import sys

from safetensors.numpy import load_file

with open(sys.argv[1], "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
tensors = load_file(sys.argv[1])
for statistic in json.loads(header["__metadata__"]["sparse_opt_profile"])["statistics"]:
    print(statistic["kind"], "of", ", ".join(of["parameter"] for of in statistic["of"]) + ":", tensors[statistic["tensor"]].tolist())
