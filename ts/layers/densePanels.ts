import type { StorageLayout } from '../model/layer.ts';

/** Columns of a panel: the width of the kernels' tile. */
const WIDTH = 8;

/**
 * How a dense kernel `[inputs, units]` is kept: as panels `[ceil(units / 8)][inputs][8]`, zeros behind the last unit.
 * Products read that in place; row by row they would have to pack all weights at every call.
 */
export function densePanels(inputs: number, units: number): StorageLayout {
  const panels = Math.ceil(units / WIDTH);
  const columnsOf = (panel: number): number => Math.min(WIDTH, units - panel * WIDTH);
  return {
    shape: [panels, inputs, WIDTH],
    toStorage(values) {
      const stored = new Float32Array(panels * inputs * WIDTH);
      for (let panel = 0, to = 0; panel < panels; panel++) {
        const columns = columnsOf(panel);
        for (let from = panel * WIDTH, row = 0; row < inputs; row++, from += units, to += WIDTH) {
          for (let column = 0; column < columns; column++) stored[to + column] = values[from + column]!;
        }
      }
      return stored;
    },
    fromStorage(stored) {
      const values = new Float32Array(inputs * units);
      for (let panel = 0, from = 0; panel < panels; panel++) {
        const columns = columnsOf(panel);
        for (let to = panel * WIDTH, row = 0; row < inputs; row++, to += units, from += WIDTH) {
          for (let column = 0; column < columns; column++) values[to + column] = stored[from + column]!;
        }
      }
      return values;
    },
  };
}
