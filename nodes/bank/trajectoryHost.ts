/** The trajectory bank's life on the host: which rows continue a stored path, what is stored, and what is told of it. */
import type { HostIo, HostOptions, HostPart, HostTensor, HostTensors } from "@distillery/shared/graph/node";
import type { StateValue } from "@distillery/shared/graph/wires";
import { NONE, type SlotOptions, Slots } from "./slots";
import { StoredRows } from "./storedRows";

/** Steps between two reports. */
const REPORT_EVERY = 10;

/** What viewers draw of a bank. */
export interface BankReport {
  /** Training visits per solver node since the run began. */
  readonly visits: readonly number[];
  /** Stored states per solver node, now. */
  readonly stored: readonly number[];
  /** Visits the stored paths have had: mean and largest. */
  readonly meanAge: number;
  readonly maxAge: number;
  readonly filled: number;
  readonly capacity: number;
  /** Share of the rows since the last report that continued a stored path. */
  readonly hitRate: number;
}

/** Inputs that say where a row comes from; every other one is a stored tensor. */
const isStored = (name: string): boolean => name !== "useBank" && name !== "node";

export function trajectoryHost(options: Omit<SlotOptions, "rows">, { batch, feeds, inputs }: HostOptions): HostPart {
  const slots = new Slots({ ...options, rows: batch });
  const places = batch * options.slots;
  const [start] = (inputs.x ?? []) as readonly StateValue[];
  const highest = start?.t.schedule.nodes ?? Number.POSITIVE_INFINITY;
  const stored = Object.entries(feeds)
    .filter(([name]) => isStored(name))
    .map(([name, { dtype, shape }]) => ({ name, rows: new StoredRows(dtype, shape.slice(1), places) }));
  /** Place each row continues in this step. */
  let origin: number[] = [];
  const visits: number[] = [];
  let recentHits = 0;
  let recentRows = 0;

  return {
    before(_step, random) {
      const draw = random("draw");
      origin = Array.from({ length: batch }, (_, row) => slots.draw(row, draw));
      const nodes = origin.map((place) => BigInt(place === NONE ? 0 : (slots.nodes[place] as number)));
      return {
        useBank: { dtype: "bool", shape: [batch], data: Uint8Array.from(origin, (place) => (place === NONE ? 0 : 1)) },
        node: { dtype: "int64", shape: [batch], data: BigInt64Array.from(nodes) },
        ...Object.fromEntries(stored.map(({ name, rows }) => [name, rows.read(origin)])),
      };
    },

    after(step, values, io) {
      const trained = given(values, "trained");
      const advanced = given(values, "advancedNode");
      origin.forEach((from, row) => {
        const node = Number(trained.data[row]);
        visits[node] = (visits[node] ?? 0) + 1;
        const place = slots.store(row, from, Number(advanced.data[row]));
        if (place === NONE) return;
        for (const { name, rows } of stored) {
          // A continued path keeps the condition and image it already has.
          if (name === "x" || from === NONE) rows.write(place, given(values, name), row);
        }
      });
      recentRows += batch;
      recentHits += origin.filter((place) => place !== NONE).length;
      if ((step + 1) % REPORT_EVERY === 0) report(io);
    },

    save() {
      return {
        "slots.nodes": { dtype: "int32", shape: [places], data: slots.nodes.slice() },
        "slots.ages": { dtype: "int32", shape: [places], data: slots.ages.slice() },
        visits: int32(Array.from(visits, (count) => count ?? 0)),
        recent: int32([recentHits, recentRows]),
        ...Object.fromEntries(stored.map(({ name, rows }) => [`stored.${name}`, rows.save()])),
      };
    },

    load(state) {
      slots.nodes.set(Array.from(given(state, "slots.nodes").data, Number));
      if (slots.nodes.some((node) => node > highest))
        throw new Error(
          "The trajectory bank's states are of another schedule's grid; a stage with another grid needs a new bank.",
        );
      slots.ages.set(Array.from(given(state, "slots.ages").data, Number));
      visits.splice(0, visits.length, ...Array.from(given(state, "visits").data, Number));
      [recentHits = 0, recentRows = 0] = Array.from(given(state, "recent").data, Number);
      for (const { name, rows } of stored) rows.load(given(state, `stored.${name}`));
    },
  };

  function report(io: HostIo): void {
    const ages = slots.ages.filter((_, place) => (slots.nodes[place] as number) > 0);
    const histogram: number[] = [];
    for (const node of slots.nodes) if (node > 0) histogram[node] = (histogram[node] ?? 0) + 1;
    const data: BankReport = {
      visits: Array.from(visits, (count) => count ?? 0),
      stored: Array.from(histogram, (count) => count ?? 0),
      meanAge: ages.length === 0 ? 0 : ages.reduce((sum, age) => sum + age, 0) / ages.length,
      maxAge: ages.reduce((most, age) => Math.max(most, age), 0),
      filled: slots.filled,
      capacity: places,
      hitRate: recentHits / recentRows,
    };
    io.data("bank", data);
    io.metric("hitRate", data.hitRate);
    io.metric("filled", data.filled / data.capacity);
    io.metric("meanAge", data.meanAge);
    recentHits = 0;
    recentRows = 0;
  }
}

function given(values: HostTensors, name: string): HostTensor {
  const value = values[name];
  if (value === undefined) throw new Error(`The trajectory bank misses the value "${name}".`);
  return value;
}

const int32 = (values: readonly number[]): HostTensor => ({
  dtype: "int32",
  shape: [values.length],
  data: Int32Array.from(values),
});
