#!/bin/bash
# A run of nkrun as a Slurm batch job.
#
#   sbatch --ntasks=5 deploy/slurm.sh examples/early-sensory/config.yaml results
#
# Take one task for each LPU and one for the broker, which sleeps while the others step; `nkrun check CONFIG --ranks N` shows who
# gets what. Set --time here, or on the command line of sbatch: the run ends 5 minutes before it, all ranks in the same step,
# with everything recorded. Until then, `nkrun stop results/job.json` ends it from any machine that sees the folder.
#
# Where the configuration has the key checkpoint, the job is queued again when the time was not enough, or when its machine has
# failed, and goes on from the last checkpoint. Otherwise its exit code then is 130. It is 0 when the run is complete.
#
#SBATCH --job-name=nkrun
#SBATCH --ntasks=3
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --requeue

set -u
config=${1:?usage: sbatch slurm.sh CONFIG OUT}
out=${2:?usage: sbatch slurm.sh CONFIG OUT}
nkrun=${NKRUN:-nkrun}
reserve=${NKRUN_RESERVE:-300} # seconds before the limit

# Seconds that the queue still gives: [days-][hours:]minutes:seconds, or UNLIMITED.
left=$(squeue --noheader --job "$SLURM_JOB_ID" --format=%L | tr -d ' ' | awk -F'[-:]' '
	/^[0-9]/ { n = NF; s = $n + 60 * $(n-1); if (n > 2) s += 3600 * $(n-2); if (n > 3) s += 86400 * $(n-3); print s }')
walltime=()
if [[ $left ]]; then
	walltime=(--walltime "$((left > reserve ? left - reserve : 1))s")
fi

resume=()
if grep -q '^checkpoint:' "$config"; then
	resume=(--resume) # the first time it starts with step 0
fi

# mpirun learns from Slurm which hosts it has. Ranks are not bound to cores: LPUs may have several threads.
mpirun --bind-to none -n "$SLURM_NTASKS" "$nkrun" run "$config" --out "$out" --quiet "${walltime[@]}" "${resume[@]}"
code=$?
if ((code == 130 && ${#resume[@]})) && grep -q '"error": "stopped at the wall-clock limit' "$out/run.json"; then
	scontrol requeue "$SLURM_JOB_ID" && sleep 60 # Slurm ends this script before it queues it again
fi
exit $code
