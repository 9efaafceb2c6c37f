// world.ts - the map under facilities and trade.  Land: Natural Earth 1:110m (world-atlas); it
// draws no borders.
import { geoEqualEarth, geoPath, geoGraticule10, type GeoProjection } from "d3-geo";
import { feature } from "topojson-client";
import atlas from "world-atlas/land-110m.json";
import { s } from "./dom";

const land = feature(atlas as never, (atlas as never as { objects: { land: never } }).objects.land);

export interface WorldMap { svg: SVGSVGElement; over: SVGGElement; place: GeoProjection }

export function worldMap(width: number): WorldMap {
  // people live between 58 S and 80 N: the rest is cut off
  const place = geoEqualEarth().fitWidth(width - 4, { type: "Sphere" } as never);
  const top = place([0, 80])![1], height = Math.round(place([0, -57])![1] - top);
  const [x, y] = place.translate();
  place.translate([x + 2, y - top]);
  const path = geoPath(place);
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "map" },
    s("path", { d: path({ type: "Sphere" } as never) ?? "", class: "sea" }),
    s("path", { d: path(geoGraticule10()) ?? "", class: "graticule" }),
    s("path", { d: path(land as never) ?? "", class: "land" }));
  const over = s("g");
  svg.append(over);
  return { svg, over, place };
}
export const mapSource = "land: Natural Earth 1:110m, no borders drawn";
