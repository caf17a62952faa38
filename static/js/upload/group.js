// @ts-check
// Files that become one document: it is asked for once all of them have arrived.
import { get } from "../dom.js";
import { takeIn } from "./transfer.js";

const words = get("#upload", HTMLFormElement).dataset;
const OTHER_REFUSED = "other-refused";

export class Group {
  /** @type {Set<import("./transfer.js").Transfer>} In the order of the pages. */
  members = new Set();
  isSending = false;
  /** Whether a file was refused, so that the others wait for somebody to say that they are to go on without it. */
  isBroken = false;

  /**
   * A file has arrived: asks for the document if it was the last one.
   * @param {import("./transfer.js").Transfer} [arrived]
   */
  async complete(arrived) {
    arrived?.show("sending", words.others);
    const members = [...this.members];
    if (this.isSending || !members.length || !members.every((member) => member.arrived)) return;
    if (this.isBroken) {
      this.isBroken = false;
      for (const member of members) member.show("refused", words.otherRefused, { again: true });
      return;
    }
    this.isSending = true;
    try {
      for (const member of members) member.show("sending", words.checking);
      this.end(members, await takeIn(members));
    } catch (error) {
      for (const member of members) member.failed(error);
    } finally {
      this.isSending = false;
    }
  }

  /**
   * @param {import("./transfer.js").Transfer[]} members
   * @param {Awaited<ReturnType<typeof takeIn>>} answer
   */
  end(members, { status, outcomes }) {
    if (outcomes.length === 1 && members.length > 1) {
      for (const member of members.slice(1)) member.row.remove(); // one row says what became of all of them
      members.length = 1;
    }
    members.forEach((member, place) => {
      const outcome = outcomes[place];
      const isInnocent = outcome?.error?.code === OTHER_REFUSED;
      if (isInnocent) member.show("refused", outcome?.error?.message, { again: true });
      else {
        member.end(outcome, status);
        if (outcome) this.members.delete(member);
      }
    });
  }

  /**
   * Somebody has stopped a file: the document is made without it.
   * @param {import("./transfer.js").Transfer} member
   */
  leave(member) {
    this.members.delete(member);
    this.complete();
  }

  /**
   * A file is too large: the others are not silently taken without it.
   * @param {import("./transfer.js").Transfer} member
   */
  refuse(member) {
    this.members.delete(member);
    this.isBroken = true;
    this.complete();
  }
}
