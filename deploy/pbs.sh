#!/bin/bash
# A run of nkrun as a PBS batch job (OpenPBS, PBS Professional).
#
#   qsub -v CONFIG=config.yaml,OUT=results -l select=1:ncpus=5:mpiprocs=5 deploy/pbs.sh
#
# mpiprocs is one for each LPU and one for the broker. The run ends 5 minutes before the walltime, all ranks in the same step,
# with everything recorded; `nkrun stop results/job.json` ends it earlier. Where the configuration has the key checkpoint, the job is
# submitted again when the time was not enough, and goes on from the last checkpoint; one whose machine has failed is run again
# by PBS (-r y). The exit code is 0 when the run is complete and 130 when it is not.
#
#PBS -N nkrun
#PBS -l select=1:ncpus=3:mpiprocs=3
#PBS -l walltime=04:00:00
#PBS -r y
#PBS -j oe

set -u
: "${CONFIG:?name the configuration: qsub -v CONFIG=...,OUT=...}" "${OUT:?name the folder for outputs: qsub -v CONFIG=...,OUT=...}"
cd "$PBS_O_WORKDIR" || exit 1
nkrun=${NKRUN:-nkrun}
reserve=${NKRUN_RESERVE:-300} # seconds before the limit

limit=$(qstat -f "$PBS_JOBID" | awk -F'[ :]+' '/Resource_List.walltime/ { print 3600 * $(NF-2) + 60 * $(NF-1) + $NF }')
walltime=()
if [[ $limit ]]; then
	walltime=(--walltime "$((limit > reserve ? limit - reserve : 1))s")
fi

resume=()
if grep -q '^checkpoint:' "$CONFIG"; then
	resume=(--resume) # the first time it starts with step 0
fi

# An Open MPI that is built with PBS knows the hosts; others read them from the file.
mpirun --bind-to none --hostfile "$PBS_NODEFILE" -n "$(wc -l <"$PBS_NODEFILE")" "$nkrun" run "$CONFIG" --out "$OUT" --quiet "${walltime[@]}" "${resume[@]}"
code=$?
if ((code == 130 && ${#resume[@]})) && grep -q '"error": "stopped at the wall-clock limit' "$OUT/run.json"; then
	# The next job takes the place and the size of this one.
	qsub -N "$PBS_JOBNAME" -v "CONFIG=$CONFIG,OUT=$OUT,NKRUN=$nkrun,NKRUN_RESERVE=$reserve" -l "$(qstat -f "$PBS_JOBID" | awk -F' = ' '/Resource_List.select/ { print "select=" $2 }')" \
		-l "walltime=$(qstat -f "$PBS_JOBID" | awk -F' = ' '/Resource_List.walltime/ { print $2 }')" "$0"
fi
exit $code
