import { at } from '../graph/at.ts'

/** A priority queue: a binary heap from which the element that comes first is taken first. */
export class PriorityQueue<Element> {
  readonly #elements: Element[] = []
  readonly #comesFirst: (a: Element, b: Element) => boolean

  constructor(comesFirst: (a: Element, b: Element) => boolean) {
    this.#comesFirst = comesFirst
  }

  #addedCount = 0

  /** How many elements were ever added. */
  get addedCount(): number {
    return this.#addedCount
  }

  get size(): number {
    return this.#elements.length
  }

  /** Puts an element in its place. */
  add(element: Element): void {
    const heap = this.#elements
    heap.push(element)
    this.#addedCount++
    let place = heap.length - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#comesFirst(element, at(heap, parent))) break
      heap[place] = at(heap, parent)
      place = parent
    }
    heap[place] = element
  }

  /** Takes the first element out; undefined when there is none. */
  take(): Element | undefined {
    const heap = this.#elements
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      const right = child + 1
      if (right < heap.length && this.#comesFirst(at(heap, right), at(heap, child))) child = right
      if (!this.#comesFirst(at(heap, child), last)) break
      heap[place] = at(heap, child)
      place = child
    }
    heap[place] = last
    return first
  }
}
