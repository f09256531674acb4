// The command line of a run.
import { parseArgs } from "node:util";

export const usage = `node run.mjs [--all | --only NAME[,NAME…]] [--quick] [--rounds N] [--native] [--check | --accept]
  --all      the other examples and layers as well
  --only     networks whose name contains one of these
  --quick    three networks, short samples: under a minute
  --rounds   fresh processes of each engine, 3 unless told
  --native   against onnxruntime-node, and with Node 24 the wide mode
  --check    exit 1 when a ratio is worse than in ratios.json
  --accept   write this run's ratios to ratios.json`;

/** A mistake of the caller: told without a stack. */
export class UsageError extends Error {}

const options = {
  all: { type: "boolean", default: false },
  only: { type: "string" },
  quick: { type: "boolean", default: false },
  rounds: { type: "string" },
  native: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  accept: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
};

function parse(args) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** The networks that the flags choose, each with the numbers of threads to measure. */
function choose(networks, { only, all, quick }) {
  const isChosen = (network) => (quick ? network.quick : all || network.group === "main");
  const chosen =
    only === undefined ? networks.filter(isChosen) : chooseOnly(networks, only.split(","));
  const threadsOf = (network) => (quick ? (network.quick ?? [1]) : [1, 2]);
  return chosen.map((network) => ({ ...network, threads: threadsOf(network) }));
}

function chooseOnly(networks, parts) {
  for (const part of parts) {
    if (part !== "" && networks.some(({ name }) => name.includes(part))) continue;
    const names = networks.map(({ name }) => `  ${name}`).join("\n");
    throw new UsageError(`--only ${part}: no network has that in its name. There are:\n${names}`);
  }
  return networks.filter(({ name }) => parts.some((part) => name.includes(part)));
}

function readRounds(text, quick) {
  if (text === undefined) return quick ? 1 : 3;
  if (!/^[1-9]\d?$/.test(text)) throw new UsageError(`--rounds ${text}: a number from 1 to 99`);
  return Number(text);
}

function refuseBoth(values, first, second) {
  const given = (flag) => values[flag] !== false && values[flag] !== undefined;
  if (given(first) && given(second))
    throw new UsageError(`--${first} and --${second} exclude each other`);
}

/** What a run does: which networks, how long, and what becomes of the figures. */
export function readFlags(args, networks) {
  const values = parse(args);
  for (const [first, second] of [
    ["all", "only"],
    ["all", "quick"],
    ["check", "accept"],
    ["native", "check"],
    ["native", "accept"],
  ]) {
    refuseBoth(values, first, second);
  }
  const { quick, native, check, accept, help } = values;
  return {
    networks: choose(networks, values),
    rounds: readRounds(values.rounds, quick),
    seconds: quick ? 0.4 : 2,
    coldStarts: quick ? 1 : 5,
    writesPage: !quick && !check && values.only === undefined,
    native,
    check,
    accept,
    help,
  };
}
