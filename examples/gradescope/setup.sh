#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder from the zip file.
set -euo pipefail
install -m 755 /autograder/source/ablation /usr/local/bin/ablation
