/** The rank of a process according to the environment variables of mpirun (Open MPI) and srun. */
export function startedBy(env: NodeJS.ProcessEnv = process.env): { rank: number; size: number } | undefined {
  const of = (rank?: string, size?: string) => {
    if (rank === undefined || size === undefined) return undefined;
    const found = { rank: Number(rank), size: Number(size) };
    return found.size >= 1 && found.rank >= 0 && found.rank < found.size ? found : undefined;
  };
  return (
    of(env.OMPI_COMM_WORLD_RANK, env.OMPI_COMM_WORLD_SIZE) ??
    // Only within a step, not for the enclosing batch script.
    (env.SLURM_STEP_ID !== undefined ? of(env.SLURM_PROCID, env.SLURM_STEP_NUM_TASKS) : undefined)
  );
}
