/** One line through the sizes; the table beside it holds the same numbers, so readers of screens skip it. */
import type { SegmentSize } from "@/api/segments";
import { count, day } from "@/lib/format";
import { pointsOf, scaleOf } from "@/lib/sizes";
import classes from "./Segments.module.css";

const WIDTH = 308;
const HEIGHT = 120;
const LEFT = 52;
const RIGHT = 6;
const TOP = 8;
const FOOT = 24;
const plot = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - FOOT };

export function SizeChart({ sizes }: { sizes: SegmentSize[] }) {
  const [first, last] = [sizes[0], sizes.at(-1)];
  if (first === undefined || last === undefined) return null;
  const points = pointsOf(sizes, plot);
  const end = points.at(-1);
  const [low, high] = scaleOf(sizes);
  return (
    <svg className={classes["chart"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      <g transform={`translate(${LEFT} ${TOP})`}>
        <line className={classes["grid"]} x2={plot.width} />
        <line className={classes["grid"]} y1={plot.height} x2={plot.width} y2={plot.height} />
        <text x={-8} dy="0.32em" textAnchor="end">
          {count(high)}
        </text>
        <text x={-8} y={plot.height} dy="0.32em" textAnchor="end">
          {count(low)}
        </text>
        <polyline className={classes["line"]} points={points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")} />
        {end !== undefined && <circle className={classes["dot"]} cx={end.x} cy={end.y} r={4} />}
        <text y={plot.height + 18}>{day(first.measured_at)}</text>
        <text x={plot.width} y={plot.height + 18} textAnchor="end">
          {day(last.measured_at)}
        </text>
      </g>
    </svg>
  );
}
