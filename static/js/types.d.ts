// What the scripts take for granted: the libraries that pages load, our own events, and the server's answers.

declare const htmx: typeof import("htmx.org").default;
declare const OpenSeadragon: typeof import("openseadragon");
declare const tus: typeof import("tus-js-client");

/** A class of elements, to ask for one of them. */
type ElementClass<T extends Element> = abstract new (...args: any[]) => T;

/** Left, top, width and height, in pixels of the page image, whose origin is its top left corner. */
type ViewBox = [left: number, top: number, width: number, height: number];

/** What holds at a line. `seen`: the number of its last correction, null where nobody has corrected it. */
interface LineState {
  text: string;
  seen: number | null;
  author?: string;
}

/** A change that can be undone: of the text of a line, or of the order of the lines of a page. */
interface Change {
  page: string;
  line?: string;
  save: string;
  text?: string;
  lines?: string;
  seen: number | null;
  written: number | null;
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
  xhr: XMLHttpRequest;
  successful: boolean;
  shouldSwap: boolean;
  parameters: Record<string, unknown>;
  requestConfig: { triggeringEvent?: Event };
  issueRequest: (skipConfirmation: boolean) => void;
}>;

interface OurEvents {
  "htmx:afterOnLoad": HtmxEvent;
  "htmx:afterRequest": HtmxEvent;
  "htmx:afterSettle": HtmxEvent;
  "htmx:afterSwap": HtmxEvent;
  "htmx:beforeSwap": HtmxEvent;
  "htmx:configRequest": HtmxEvent;
  "htmx:confirm": HtmxEvent;
  "htmx:responseError": HtmxEvent;
  "htmx:sendError": HtmxEvent;
  "htmx:timeout": HtmxEvent;
  "line:changed": CustomEvent;
  "line:written": CustomEvent<{ before: LineState; after: LineState }>;
  "order:written": CustomEvent<Omit<Change, "page">>;
}

interface DocumentEventMap extends OurEvents {}
interface HTMLElementEventMap extends OurEvents {}
