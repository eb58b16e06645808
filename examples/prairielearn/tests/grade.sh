#!/usr/bin/env bash
# PrairieLearn runs this for every submission, without a network. Beside it lie assignment.json and solution.json.
set -u
cd "${GRADE:-/grade}"
mkdir -p results
if ! ablation grade student/submission.json --assignment tests/assignment.json --solution tests/solution.json \
  --format prairielearn --output results/results.json; then
  echo '{"gradable": false, "format_errors": "The grader failed. Please tell your instructor."}' > results/results.json
fi
