/** The live view: a picture with what was found on it, its figures, and what can be set. */

import { LatencyChart } from "../charts/latency_chart.js";
import { RateChart } from "../charts/rate_chart.js";
import { loadSettings } from "../live/view_settings.js";
import { captionOf, detectionsOf } from "../overlay/detections.js";
import { Stage } from "../overlay/stage.js";
import { lists, settingNames, sliders } from "./controls.js";
import { make, setLabel, setText } from "./dom.js";
import { saveRecording, saveSnapshot } from "./downloads.js";
import { FigureList, milliseconds } from "./figure_list.js";
import { FoundPanel } from "./found_panel.js";
import { Notice } from "./notice.js";
import { ReadingsList } from "./readings_list.js";
import { StatusLine } from "./status_line.js";
import { watchTheme } from "./theme.js";

/**
 * @typedef {import("../live/live.js").Live} Live
 */

/** What a view shows of its model. */
const followed = () => [...settingNames(), "running", "session_id", "traceback"];
/** Milliseconds after which what is on show is called old. */
const OLD_MS = 1000;
/** Things of a frame that are named to screen readers. */
const MAX_SPOKEN = 12;
const NO_PICTURE = "No picture yet";
const NO_KERNEL =
  "The notebook's kernel has gone or was started again: it receives nothing from this view any more. " +
  "Run the cell again for a view that it knows.";
/**
 * Show a run in an element; returns a function that takes the view away and leaves the run.
 *
 * @param {HTMLElement} element
 * @param {Live} live
 */
export async function mount(element, live) {
  const settings = await loadSettings();
  const root = element.attachShadow({ mode: "open" });
  const sheet = make("link", {
    rel: "stylesheet",
    href: new URL("live.css", import.meta.url).href,
  });
  const styled = new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve;
  });
  const view = new View(live, settings);
  root.append(sheet, view.element);
  view.element.hidden = true;
  await styled;
  view.element.hidden = false;
  view.begin();
  live.join();
  return () => {
    live.leave();
    view.close();
    root.replaceChildren();
  };
}

class View {
  #live;
  #canvas = make("canvas", { role: "img", "aria-label": NO_PICTURE });
  #stage;
  #latency = make("canvas", { class: "chart", role: "img" });
  #rates = make("canvas", { class: "chart", role: "img" });
  #latencyChart;
  #rateChart;
  #status;
  #age = make("figcaption", {});
  #notice;
  #start = make("button", { type: "button", class: "start" });
  #snapshot = make("button", { type: "button", text: "Snapshot", title: "Save this frame as PNG" });
  #record = make("button", {
    type: "button",
    text: "Save recording",
    title: "Save every frame and its outcome, for Recording.load",
  });
  #unlinked = make("p", { class: "unlinked", role: "alert", text: NO_KERNEL, hidden: true });
  #figures = new FigureList();
  #readings = new ReadingsList();
  #found;
  #lists;
  #sliders;
  #theme;
  #drawing = 0;
  #isVisible = true;
  #visibility;
  /** @type {[string, () => void][]} */
  #listeners = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #aging;

  /**
   * @param {Live} live
   * @param {Record<string, import("../live/view_settings.js").Setting>} settings
   */
  constructor(live, settings) {
    this.#live = live;
    this.#lists = lists(live);
    this.#sliders = sliders(live, settings);
    this.#found = new FoundPanel(live, settings);
    this.#notice = new Notice(live);
    this.#status = new StatusLine(live);
    this.element = make(
      "div",
      { class: "live" },
      make(
        "div",
        { class: "bar", role: "toolbar", "aria-label": "Stream" },
        ...this.#lists.elements,
        this.#start,
        this.#status.element,
        make("span", { class: "gap" }),
        make("span", { class: "list" }, this.#snapshot, this.#record),
      ),
      this.#unlinked,
      make(
        "div",
        { class: "main" },
        make("figure", { class: "stage" }, this.#canvas, this.#age, this.#notice.element),
        this.#found.element,
        make(
          "div",
          { class: "side" },
          this.#figures.element,
          make("h3", { text: "Round trip (ms), p50, p95 dashed, target dotted" }),
          this.#latency,
          make("h3", { text: "Frames/s: sent (line), answered, dropped (orange)" }),
          this.#rates,
          this.#readings.element,
        ),
        this.#sliders.element,
      ),
    );
    this.#stage = new Stage(this.#canvas, () => this.#redraw());
    this.#latencyChart = new LatencyChart(this.#latency, () => this.#updateFigures());
    this.#rateChart = new RateChart(this.#rates, () => this.#updateFigures());
    this.#theme = watchTheme(this.element, () => this.#updateFigures());
    this.#visibility = new IntersectionObserver((entries) => {
      this.#isVisible = entries[entries.length - 1].isIntersecting;
      if (this.#isVisible) this.#redraw();
    });
    this.#visibility.observe(this.element);
    this.#start.onclick = () => (live.model.get("running") ? live.stop() : live.start());
    this.#snapshot.onclick = () => saveSnapshot(live.current);
    this.#record.onclick = () => saveRecording(live.current);
  }

  /** Follow the stream. */
  begin() {
    const live = this.#live;
    this.#listen("changed", () => this.#update());
    this.#listen("about", () => this.#update());
    this.#listen("metrics", () => this.#updateFigures());
    this.#listen("shown", () => this.#showFrame());
    for (const name of followed()) live.model.on(`change:${name}`, this.#follow);
    this.#aging = setInterval(() => {
      this.#updateAge();
      this.#status.update();
      this.#unlinked.hidden = !live.isKernelGone;
    }, 250);
    this.#update();
    this.#redraw();
    this.#theme.apply();
    if (!live.about) live.describe();
  }

  #follow = () => this.#update();

  /**
   * @param {string} event
   * @param {() => void} callback
   */
  #listen(event, callback) {
    this.#live.addEventListener(event, callback);
    this.#listeners.push([event, callback]);
  }

  /** Follow it no longer. */
  close() {
    const { model } = this.#live;
    for (const [event, callback] of this.#listeners)
      this.#live.removeEventListener(event, callback);
    for (const name of followed()) model.off(`change:${name}`, this.#follow);
    clearInterval(this.#aging);
    cancelAnimationFrame(this.#drawing);
    this.#visibility.disconnect();
    this.#stage.close();
    this.#latencyChart.close();
    this.#rateChart.close();
    this.#theme.close();
  }

  #update() {
    const live = this.#live;
    const { model } = live;
    const { status, current } = live;
    const running = model.get("running");
    this.#lists.update();
    this.#sliders.update();
    setText(this.#start, running ? "Stop" : "Start");
    this.#start.classList.toggle("running", running);
    this.#status.update();
    this.element.dataset.status = status;
    this.element.dataset.session = model.get("session_id");
    this.#snapshot.disabled = !current.shown;
    this.#record.disabled = !current.recorder;
    this.#unlinked.hidden = !live.isKernelGone;
    this.#notice.update();
    this.#updateFound();
  }

  #updateFound() {
    const { current, pipeline } = this.#live;
    const { shown, visible } = current;
    this.#found.update();
    setLabel(this.#canvas, shown ? describe(shown.row.frame_index, visible) : NO_PICTURE);
    this.#readings.update(current.readings.groups(current.filter, pipeline?.nodes ?? []));
  }

  #showFrame() {
    const { shown } = this.#live.current;
    this.#snapshot.disabled = !shown;
    this.#redraw();
    // of a run that has shown nothing yet there are no figures either
    if (!shown) this.#updateFigures();
  }

  #redraw() {
    if (this.#drawing || !this.#isVisible) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      const { shown, visible: result } = this.#live.current;
      if (!shown) {
        this.#stage.clear();
        this.#updateAge();
        return;
      }
      this.#stage.draw(shown.bitmap, result);
      this.#live.current.drawn(shown, performance.now());
      this.#found.count();
      this.#updateAge();
      const { session, frame_index, video_frame } = shown.row;
      const age_ms = performance.now() - shown.at;
      const detail = { session, frame_index, video_frame, age_ms, result };
      this.element.dispatchEvent(
        new CustomEvent("streamlab-drawn", { detail, bubbles: true, composed: true }),
      );
    });
  }

  #updateAge() {
    const { current, isPlaying, problem } = this.#live;
    const { shown } = current;
    if (problem) this.#notice.update();
    if (!shown) {
      setText(this.#age, isPlaying ? "waiting for the first answer" : "no picture yet");
      return;
    }
    const isLive = this.#live.status === "streaming" || this.#live.status === "lost";
    const age = performance.now() - shown.at;
    const old = isLive && age > OLD_MS;
    this.#age.classList.toggle("old", old);
    const words = age < OLD_MS ? `${Math.round(age)} ms old` : `${(age / 1e3).toFixed(1)} s old`;
    setText(this.#age, `frame ${shown.row.frame_index}${isLive ? ` · ${words}` : ""}`);
  }

  #updateFigures() {
    const { metrics } = this.#live.current;
    const now = performance.now();
    const figures = metrics.figures(now);
    this.#figures.update(metrics, figures);
    this.#status.update();
    this.#updateFound();
    if (!this.#isVisible) return;
    this.#latencyChart.draw(metrics, now, this.#theme.ink, figures);
    this.#rateChart.draw(metrics, now, this.#theme.ink);
    setLabel(
      this.#latency,
      `Round trip p50 ${milliseconds(figures.p50_ms)}, p95 ${milliseconds(figures.p95_ms)}`,
    );
    setLabel(
      this.#rates,
      `${figures.sent_fps.toFixed(0)} frames a second sent, ${figures.answered_fps.toFixed(0)} answered`,
    );
  }
}

/**
 * @param {number} frameIndex
 * @param {Record<string, any>} visible what is drawn on it
 */
function describe(frameIndex, visible) {
  const captions = detectionsOf(visible).slice(0, MAX_SPOKEN).map(captionOf);
  return `Frame ${frameIndex}: ${captions.join(", ") || "nothing found"}`;
}
