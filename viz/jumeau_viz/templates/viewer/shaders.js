"use strict";
/* The programs that the graphics card runs, as texts. */

const SHADERS = {
  /* The town: sun and its shadow by day, lamps on the ground and on walls by night, windows on walls. */
  town: [
    `in vec3 place; in float rise; in vec4 foot; in vec3 size;
     uniform mat4 view; uniform mat4 shadeView; uniform int planted;
     out vec3 spot; out float above; out vec3 shaded;
     void main() {
       spot = place; above = rise * 0.01;
       if (planted == 1) { spot = place * vec3(foot.w * 0.42, foot.w * 0.42, foot.w) + foot.xyz; }
       if (planted == 2) {
         float c = cos(foot.w), s = sin(foot.w); vec3 p = place * size;
         spot = vec3(c * p.x - s * p.y, s * p.x + c * p.y, p.z) + foot.xyz;
       }
       vec4 lit = shadeView * vec4(spot, 1.0);
       shaded = lit.xyz * 0.5 + 0.5;
       gl_Position = view * vec4(spot, 1.0);
     }`,
    `in vec3 spot; in float above; in vec3 shaded; out vec4 colour;
     uniform vec3 tint; uniform vec3 albedo; uniform vec3 eye; uniform vec3 sky; uniform vec3 sun; uniform vec3 sunColour;
     uniform float daylight; uniform float strength; uniform float reach; uniform float opacity; uniform float lampScale;
     uniform int surface; uniform float lateness;
     uniform sampler2DShadow shade; uniform float shadeOn; uniform float shadeStep;
     uniform sampler2D lamps; uniform vec4 lampBox;
     float hash(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }
     void main() {
       vec3 normal = normalize(cross(dFdx(spot), dFdy(spot)));
       if (dot(normal, eye - spot) < 0.0) normal = -normal;
       float facing = max(dot(normal, sun), 0.0), lit = 1.0;
       if (shadeOn > 0.5 && facing > 0.0) {
         float bias = 0.0006 + 0.0016 * (1.0 - facing);
         lit = 0.0;
         for (int k = 0; k < 4; k++) {
           vec2 shift = vec2(k < 2 ? -0.5 : 0.5, (k % 2) == 0 ? -0.5 : 0.5) * shadeStep;
           lit += 0.25 * texture(shade, vec3(shaded.xy + shift, shaded.z - bias));
         }
         vec2 edge = abs(shaded.xy - 0.5);
         if (max(edge.x, edge.y) > 0.49) lit = 1.0;
       }
       vec3 base = tint;
       float glow = 0.0;
       if (surface == 1) {
         vec2 along = normalize(vec2(-normal.y, normal.x) + 1e-6);
         vec2 cell = vec2(dot(spot.xy, along) / 2.7, above / 2.9);
         vec2 inside = fract(cell), blur = fwidth(cell);
         float sharp = 1.0 - smoothstep(0.25, 0.7, max(blur.x, blur.y));
         float window = step(0.3, inside.x) * step(inside.x, 0.72) * step(0.34, inside.y) * step(inside.y, 0.8);
         window *= step(0.5, above);
         float awake = step(hash(floor(cell) + floor(dot(spot.xy, normal.xy) / 3.0 + 0.37)), lateness);
         base = mix(base, base * mix(0.55, 0.62, daylight), window * sharp * 0.9);
         glow = window * sharp * awake * (1.0 - daylight);
         glow += (1.0 - sharp) * 0.12 * lateness * (1.0 - daylight) * step(0.5, above);
       }
       float sky_seen = 0.5 + 0.5 * normal.z;
       float ambient = mix(0.62 + 0.3 * sky_seen, 0.5 + 0.2 * sky_seen, daylight);
       vec3 light = vec3(ambient) + sunColour * (strength * 0.33 * facing * lit);
       vec3 found = base * light;
       vec2 where = (spot.xy + normal.xy * 1.5 - lampBox.xy) * lampBox.zw;
       vec3 lux = texture(lamps, where).rgb * lampScale;
       float fall = surface == 0 ? 1.0 : exp(-above / 8.0) * 0.8;
       float total = max(max(lux.r, lux.g), lux.b);
       vec3 hue = total > 0.0 ? lux / total : vec3(1.0);
       found += albedo * hue * (1.0 - exp(-total * fall / 16.0)) * 0.62 * (1.0 - daylight);
       found = mix(found, vec3(1.0, 0.8, 0.5) * 0.85, glow * 0.8);
       float far = smoothstep(reach * 2.0, reach * 4.5, distance(eye, spot));
       colour = vec4(mix(found, sky, far), opacity);
     }`,
  ],
  /* The same town seen from the sun, for the shadows. */
  depth: [
    `in vec3 place; in vec4 foot; in vec3 size; uniform mat4 view; uniform int planted;
     void main() {
       vec3 spot = place;
       if (planted == 1) { spot = place * vec3(foot.w * 0.42, foot.w * 0.42, foot.w) + foot.xyz; }
       gl_Position = view * vec4(spot, 1.0);
     }`,
    "out vec4 colour; void main() { colour = vec4(1.0); }",
  ],
  /* While something moves: what lies flat is a picture on the ground, drawn once with these. */
  paint: [
    `in vec4 place; uniform vec4 box; uniform float texels;
     void main() {
       gl_Position = vec4((place.xy - box.xy) * box.zw * 2.0 - 1.0, 0.0, 1.0);
       gl_PointSize = max(1.0, 0.84 * place.w * texels);
     }`,
    "uniform vec4 tint; out vec4 colour; void main() { colour = tint; }",
  ],
  /* The ground with that picture: the light of `town` on a flat surface, with the shadows at hand. */
  picture: [
    `in vec3 place; in vec4 facing; uniform mat4 view; uniform mat4 shadeView; uniform vec4 lampBox; uniform vec3 eye; uniform vec3 sun;
     uniform vec3 sunColour; uniform float daylight; uniform float strength; uniform float reach;
     out vec3 shaded; out vec2 where; out vec3 even;
     void main() {
       vec3 normal = facing.xyz / 127.0;
       where = (place.xy - lampBox.xy) * lampBox.zw;
       float turned = max(dot(normal, sun), 0.0), sky_seen = 0.5 + 0.5 * normal.z;
       shaded = (shadeView * vec4(place, 1.0)).xyz * 0.5 + 0.5;
       shaded.z -= 0.0006 + 0.0016 * (1.0 - turned);
       even.x = mix(0.62 + 0.3 * sky_seen, 0.5 + 0.2 * sky_seen, daylight);
       even.y = strength * 0.33 * turned;
       even.z = smoothstep(reach * 2.0, reach * 4.5, distance(eye, place));
       gl_Position = view * vec4(place, 1.0);
     }`,
    `in vec3 shaded; in vec2 where; in vec3 even; out vec4 colour;
     uniform sampler2D laid; uniform sampler2D lamps; uniform sampler2DShadow shade; uniform float shadeOn; uniform vec3 sunColour;
     uniform vec3 sky; uniform vec3 dusk; uniform float daylight; uniform float opacity; uniform float lampScale; uniform float level;
     void main() {
       vec4 base = textureLod(laid, where, level);
       vec3 found;
       if (shadeOn > 0.5) {
         float lit = textureLod(shade, shaded, 0.0);
         if (max(abs(shaded.x - 0.5), abs(shaded.y - 0.5)) > 0.49) lit = 1.0;
         found = base.rgb * (even.x + sunColour * (even.y * lit));
       } else found = base.rgb * (even.x + sunColour * even.y);
       if (daylight < 1.0) {
         vec3 lux = textureLod(lamps, where, 0.0).rgb * lampScale;
         float total = max(max(lux.r, lux.g), max(lux.b, 1e-6)), x = total / 16.0;
         /* 1 - exp(-x) to a hundredth, at a fifth of its time. */
         float glow = 1.0 - 1.0 / (1.0 + x * (1.0 + x * (0.5 + 0.2 * x)));
         found = mix(dusk * (base.a * even.x) + base.rgb * lux * (glow / total * 0.62), found, daylight);
       }
       colour = vec4(mix(found, sky, even.z), opacity);
     }`,
  ],
  /* Buildings, and what lies flat nearby, with the light of `town` by corner, which costs a tenth of that by pixel. */
  block: [
    `in vec3 place; in vec4 facing; in float rise; uniform mat4 view; uniform vec3 tints[9]; uniform vec3 albedos[9]; uniform int kind;
     uniform vec3 eye; uniform vec3 sky; uniform vec3 sun; uniform vec3 sunColour; uniform float daylight; uniform float strength;
     uniform float reach; uniform float lampScale; uniform float cut; uniform float lateness; uniform vec4 lampBox;
     uniform sampler2D lamps; uniform sampler2D lampsRight; out vec3 tone;
     void main() {
       gl_Position = view * vec4(place, 1.0);
       int own = kind < 0 ? int(facing.w) : kind;
       vec3 normal = kind < 0 ? facing.xyz / 127.0 : vec3(0.0, 0.0, 1.0);
       float above = rise * 0.01, sky_seen = 0.5 + 0.5 * normal.z;
       float ambient = mix(0.62 + 0.3 * sky_seen, 0.5 + 0.2 * sky_seen, daylight);
       vec3 found = tints[own] * (vec3(ambient) + sunColour * (strength * 0.33 * max(dot(normal, sun), 0.0)));
       if (daylight < 1.0) {
         vec2 where = (place.xy + normal.xy * 1.5 - lampBox.xy) * lampBox.zw;
         bool right = gl_Position.x / gl_Position.w * 0.5 + 0.5 > cut;
         vec3 lux = (right ? textureLod(lampsRight, where, 0.0).rgb : textureLod(lamps, where, 0.0).rgb) * lampScale;
         float total = max(max(lux.r, lux.g), lux.b), fall = kind < 0 ? exp(-above / 8.0) * 0.8 : 1.0;
         if (total > 0.0) found += albedos[own] * (lux / total) * (1.0 - exp(-total * fall / 16.0)) * 0.62 * (1.0 - daylight);
         if (own == 0) found = mix(found, vec3(0.85, 0.68, 0.425), 0.1 * lateness * (1.0 - daylight));
       }
       tone = mix(found, sky, smoothstep(reach * 2.0, reach * 4.5, distance(eye, place)));
     }`,
    "in vec3 tone; uniform float opacity; out vec4 colour; void main() { colour = vec4(tone, opacity); }",
  ],
  /* Trees while something moves: discs of their size, as bright as their crowns are. */
  ball: [
    `in vec4 foot; uniform mat4 view; uniform float zoom;
     void main() {
       gl_Position = view * vec4(foot.xy, foot.z + 0.6 * foot.w, 1.0);
       gl_PointSize = max(1.0, 0.9 * foot.w * zoom / gl_Position.w);
     }`,
    `uniform vec3 tint; out vec4 colour;
     void main() {
       vec2 at = gl_PointCoord - 0.5;
       if (dot(at, at) > 0.25) discard;
       colour = vec4(tint * (0.95 - 0.35 * gl_PointCoord.y), 1.0);
     }`,
  ],
  /* Illuminance of the ground under a lamp of height h that sends its flux F down as Lambert's law has it:
     E(r) = F / pi * h^2 / (h^2 + r^2)^2 [lx], whose integral over the ground is F. */
  lamp: [
    `in vec2 corner; in vec3 foot; in float height; in float flux; in vec3 hue; uniform vec4 box; out vec2 away; out float mast;
     out float power; out vec3 tone;
     void main() {
       mast = max(height, 2.0); power = flux; tone = hue * hue;
       away = corner * mast * 5.0;
       vec2 share = (foot.xy + away - box.xy) * box.zw;
       gl_Position = flux > 0.0 ? vec4(share * 2.0 - 1.0, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
     }`,
    `in vec2 away; in float mast; in float power; in vec3 tone; out vec4 colour; uniform float scale;
     void main() {
       float under = mast * mast, slant = under + dot(away, away);
       colour = vec4(tone * (power / 3.14159265 * under / (slant * slant)) * scale, 1.0);
     }`,
  ],
  plain: [
    `in vec3 place; in vec4 shade; uniform mat4 view; out vec3 tone;
     void main() { tone = shade.rgb; gl_Position = shade.a > 0.0 ? view * vec4(place, 1.0) : vec4(2.0, 2.0, 2.0, 1.0); }`,
    "in vec3 tone; out vec4 colour; void main() { colour = vec4(tone, 1.0); }",
  ],
  /* A ribbon along a line, never thinner on the screen than can be seen, with a rim that parts it from the ground. */
  ribbon: [
    `in vec3 place; in vec2 aside; in vec4 shade; uniform mat4 view; uniform float least; uniform float perPixel; uniform float sink;
     out vec3 tone; out float across;
     void main() {
       tone = shade.rgb; across = (gl_VertexID % 4) < 2 ? -1.0 : 1.0;
       vec4 middle = view * vec4(place, 1.0);
       float half_width = max(3.0, least * perPixel * middle.w);
       gl_Position = shade.a > 0.0 ? view * vec4(place.xy + aside * half_width, place.z - sink, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
     }`,
    `in vec3 tone; in float across; uniform vec3 rim; out vec4 colour;
     void main() { colour = vec4(mix(tone, rim, step(0.72, abs(across))), 1.0); }`,
  ],
  /* A round marker with a rim; alpha says what is to be told of it: 1 nothing, 254 out of order, 253 something wrong. */
  marker: [
    `in vec3 place; in vec4 shade; uniform mat4 view; uniform float least; uniform float zoom; uniform int only;
     out vec3 tone; out float sign;
     void main() {
       float told = floor(shade.a * 255.0 + 0.5);
       tone = shade.rgb; sign = told == 254.0 ? 1.0 : told == 253.0 ? 2.0 : 0.0;
       bool shown = told > 0.0 && (only == 0 || sign > 0.0);
       gl_Position = shown ? view * vec4(place, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
       gl_PointSize = clamp(zoom / gl_Position.w, least, least * 3.0) * (sign > 0.0 ? 1.9 : 1.0);
       if (only == 1) gl_PointSize = max(gl_PointSize, 14.0);
     }`,
    `in vec3 tone; in float sign; uniform vec3 rim; uniform float strength; uniform float daylight; out vec4 colour;
     void main() {
       vec2 at = (gl_PointCoord - 0.5) * 2.0;
       float radius = length(at);
       if (radius > 1.0) discard;
       vec3 alarm = mix(vec3(1.0, 0.32, 0.22), vec3(0.72, 0.02, 0.02), daylight);
       vec3 inner = sign > 1.5 ? alarm : sign > 0.5 ? vec3(0.03) : tone;
       vec3 edge = sign > 0.5 && sign < 1.5 ? alarm : rim;
       float border = sign > 0.5 ? 0.55 : 0.72;
       vec3 found = mix(inner, edge, smoothstep(border, border + 0.12, radius));
       if (sign > 1.5 && abs(at.x) < 0.13 && at.y > -0.42 && at.y < 0.12) found = vec3(1.0);
       if (sign > 1.5 && abs(at.x) < 0.13 && at.y > 0.22 && at.y < 0.42) found = vec3(1.0);
       colour = vec4(found, strength);
     }`,
  ],
};
