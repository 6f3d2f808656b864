/** The variables by which mpirun (Open MPI) and srun tell a process which rank it is. */
export function startedBy(env: NodeJS.ProcessEnv = process.env): { rank: number; size: number } | undefined {
  const of = (rank?: string, size?: string) => {
    if (rank === undefined || size === undefined) return undefined;
    const found = { rank: Number(rank), size: Number(size) };
    return found.size >= 1 && found.rank >= 0 && found.rank < found.size ? found : undefined;
  };
  return (
    of(env.OMPI_COMM_WORLD_RANK, env.OMPI_COMM_WORLD_SIZE) ??
    // Of a step, not of the batch script around it.
    (env.SLURM_STEP_ID !== undefined ? of(env.SLURM_PROCID, env.SLURM_STEP_NUM_TASKS) : undefined)
  );
}
