#!/usr/bin/env bash
# A study from a command line, from its file to its report, and results from elsewhere. Everything is written into the folder given, or a temporary one:
#   examples/headless.sh [FOLDER]
# `ABLATION` names the program; without it cargo compiles and runs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"

ablation() {
  if [ -n "${ABLATION:-}" ]; then "$ABLATION" "$@"; else cargo run --quiet --release --package ablation-cli -- "$@"; fi
}

# What could be run first, one trial per line. On a cluster each of these lines is a job.
ablation plan examples/positions.toml > "$folder/ready.jsonl"
echo "$(wc -l < "$folder/ready.jsonl") trials can be run at once"

# The whole study, on all cores. Stop it and run the same line again: it goes on where it was.
ablation run examples/positions.toml --into "$folder/positions.study"

# The report as text was printed; here is the protocol card as a page with its figures, and every number for other programs.
ablation report "$folder/positions.study" --format html > "$folder/positions.html"
ablation report "$folder/positions.study" --format csv > "$folder/positions.csv"

# What a reviewer would object to. It ends with 1 if anything forbids a claim.
ablation lint "$folder/positions.study" || test $? -eq 1

# Accuracies from any framework, one run per row: the same statistics and verdicts.
ablation analyze examples/results.csv --direction higher --margin 0.01 | tee "$folder/results.txt"

echo "everything is in $folder"
