// What the scripts take for granted: the libraries that pages load, our own events, and the server's answers.

declare const htmx: typeof import("htmx.org").default;
declare const OpenSeadragon: typeof import("openseadragon");
declare const tus: typeof import("tus-js-client");

/** A class of elements, to ask for one of them. */
type ElementClass<T extends Element> = abstract new (...args: any[]) => T;

/** Left, top, width and height, in pixels of the page image, whose origin is its top left corner. */
type ViewBox = [left: number, top: number, width: number, height: number];

/** What the server says to a change: `dropped` where it was not asked. */
interface Answer {
  outcome: "written" | "conflict" | "refused" | "dropped";
  state: any;
}

/** A line as the server has it now. `points`: its polygon as SVG writes it. */
interface LineData {
  key: string;
  text: string;
  former: string;
  read: string;
  seen: number | null;
  author: string | null;
  title: string;
  points: string;
  strip: string;
  direction: string;
  checked: boolean;
}

/** How much of a page or document is to be checked: lines in all, and those that nobody has checked. */
interface Work {
  total: number;
  unchecked: number;
}

/** The number that the server gave to what somebody was looking at; undefined until it is known (reader/writes.js). */
interface SeenVersion {
  place: string;
  seen?: number | null;
  failed: boolean;
}

/** What holds at a line: its text, nothing where it was deleted; its polygon as SVG writes it; the version of that. */
interface LineState {
  page: string;
  key: string;
  text: string;
  points: string;
  direction: string;
  version: SeenVersion;
}

/** What is to be different at a line. */
type WantedLine = Partial<LineState> & { key: string };

/** A change that can be undone. What `before` and `after` are is known to those who make changes of this `kind`. */
interface Change {
  kind: string;
  page: string;
  before: any;
  after: any;
}

/** A cell of a table that was read in a marked region; its lines by their number in the answer. */
interface RegionCell {
  lines: number[];
  rowspan: number;
  colspan: number;
}

/** Such a table, as the server has it. */
interface RegionTable {
  table: RegionCell[][];
}

/** A line that was read in a marked region. */
interface RegionLine {
  text: string;
  polygon: number[][];
  direction: string;
}

/** The event of a request by htmx, as far as we read it. */
type HtmxEvent = CustomEvent<{
  elt: Element;
  target: Element;
  path: string;
  xhr: XMLHttpRequest;
  successful: boolean;
  shouldSwap: boolean;
  parameters: Record<string, unknown>;
  requestConfig: { elt: Element, triggeringEvent?: Event };
  pathInfo: { requestPath: string };
  issueRequest: (skipConfirmation: boolean) => void;
}>;

interface OurEvents {
  "htmx:afterOnLoad": HtmxEvent;
  "htmx:afterRequest": HtmxEvent;
  "htmx:afterSettle": HtmxEvent;
  "htmx:afterSwap": HtmxEvent;
  "htmx:beforeRequest": HtmxEvent;
  "htmx:beforeSwap": HtmxEvent;
  "htmx:configRequest": HtmxEvent;
  "htmx:confirm": HtmxEvent;
  "htmx:responseError": HtmxEvent;
  "htmx:sendError": HtmxEvent;
  "htmx:timeout": HtmxEvent;
  "line:changed": CustomEvent;
  "lines:ordered": CustomEvent;
  "page:zoomed": CustomEvent;
}

interface DocumentEventMap extends OurEvents {}
interface HTMLElementEventMap extends OurEvents {}
