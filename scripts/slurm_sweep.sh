#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#SBATCH --job-name=addax-sweep
#SBATCH --requeue
#SBATCH --open-mode=append
#
# Runs a sweep as a Slurm job array; each task takes one part of the points:
#
#   sbatch --array=1-16 --cpus-per-task=8 scripts/slurm_sweep.sh my.yaml [FOLDER [options of addax sweep]]
#
# Task 3 writes FOLDER/my.3-of-16.sqlite (FOLDER: where nothing is said, that of submission). A task that Slurm requeues
# goes on where it was. Where tasks failed or ran out of time, submit the same again: points that have ended are kept.
# When all have ended:
#
#   addax sweep merge my.sqlite FOLDER/my.*-of-16.sqlite
#
# or, submitted behind the array, whose number is JOB:
#
#   sbatch --dependency=afterok:JOB --wrap "addax sweep merge my.sqlite FOLDER/my.*-of-16.sqlite"
#
# which runs when all tasks have ended well, requeued ones too, but not where one failed meanwhile.
# The command is `addax`, or what ADDAX names.
set -eu

fail() {
  echo "slurm_sweep.sh: $1" >&2
  exit 2
}
[ $# -ge 1 ] || fail "found no sweep; allowed: sbatch --array=1-N slurm_sweep.sh SWEEP [FOLDER [OPTION...]]"
parts=${SLURM_ARRAY_TASK_MAX:-}
[ -n "$parts" ] || fail "found no job array; allowed: sbatch --array=1-N"
# A task alone would not know of how many parts it is one.
[ "$SLURM_ARRAY_TASK_MIN" = 1 ] && [ "$SLURM_ARRAY_TASK_COUNT" = "$parts" ] ||
  fail "found an array of $SLURM_ARRAY_TASK_COUNT tasks from $SLURM_ARRAY_TASK_MIN to $parts; allowed: 1-N; those that have ended keep their points"

sweep=$1
folder=${2:-.}
shift
[ $# -eq 0 ] || shift
mkdir -p "$folder"
part=$SLURM_ARRAY_TASK_ID
# Slurm ends a job with SIGTERM, and some time later (KillWait) with SIGKILL: as the job's own process, addax ends its
# points meanwhile.
exec "${ADDAX:-addax}" sweep "$sweep" --shard "$part/$parts" --resume --jobs "${SLURM_CPUS_PER_TASK:-1}" \
  --out "$folder/$(basename "$sweep" .yaml).$part-of-$parts.sqlite" "$@"
