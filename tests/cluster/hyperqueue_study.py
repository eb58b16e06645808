"""Runs a study on two HyperQueue workers, kills the cluster in the middle, starts another, and compares the record with that of a plain run.

A cluster is where studies are too large to be run again, so what is tested is not that it works but that it works after it did not.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
STUDY = HERE / "study.toml"
# Outcomes after which the first cluster is killed: in the middle of the searches, of about 110 trials.
KILL_AFTER = 12


def ablation(binary, *arguments):
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def cluster(binary, folder):
    """Plans, has every line run as a task of its own, and plans again until nothing is left."""
    from hyperqueue import Job, LocalCluster
    from hyperqueue.cluster import WorkerConfig

    with LocalCluster() as local:
        for _ in range(2):
            local.start_worker(WorkerConfig(cores=1))
        client = local.client()
        while lines := ablation(binary, "plan", str(STUDY), "--into", folder).splitlines():
            job = Job(max_fails=None)
            for line in lines:
                job.program([binary, "run", "--trial", line, "--into", folder], stdout=None, stderr=None)
            client.wait_for_jobs([client.submit(job)])
            print(f"{len(lines)} trials done", flush=True)


def outcomes(folder):
    return len(list((Path(folder) / "outcomes").glob("*.json")))


def start(binary, folder):
    # In a session of its own, so that the workers and their trials can be killed with it.
    return subprocess.Popen([sys.executable, __file__, "--cluster", binary, folder], start_new_session=True)


def main(binary):
    binary = str(Path(binary).resolve())
    with tempfile.TemporaryDirectory() as home:
        os.chdir(home)
        alone, shared = f"{home}/alone", f"{home}/shared"
        ablation(binary, "run", str(STUDY), "--into", alone)
        first = start(binary, shared)
        while outcomes(shared) < KILL_AFTER:
            assert first.poll() is None, "the cluster ended too early"
            time.sleep(0.01)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        saved = outcomes(shared)
        print(f"killed with {saved} outcomes saved", flush=True)
        assert start(binary, shared).wait() == 0, "the second cluster failed"
        ablation(binary, "run", str(STUDY), "--into", shared)
        records = [Path(folder, "record.json").read_bytes() for folder in (alone, shared)]
        assert records[0] == records[1], "the records differ"
        print(f"{outcomes(shared)} outcomes; the record has the same {len(records[0])} bytes as that of a plain run")


if __name__ == "__main__":
    if sys.argv[1] == "--cluster":
        cluster(*sys.argv[2:])
    else:
        main(sys.argv[1])
