/** How time is measured: by the clock on the wall, or as time of a processor, where others share the machine. */
export type ClockName = 'wall' | 'cpu';

/** Milliseconds from some start. The time of a processor is that of all threads of this process. */
export const clocks: Readonly<Record<ClockName, () => number>> = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};
