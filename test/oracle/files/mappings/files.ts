import {
  Bytes,
  DataSourceContext,
  YAMLValue,
  YAMLValueKind,
  dataSource,
  yaml,
} from '@graphprotocol/graph-ts'

import { Noted } from '../generated/Names/Names'
import { Mention, Text } from '../generated/schema'
import { TextFile } from '../generated/templates'

const LINK = 'next: '

export function handleNoted(event: Noted): void {
  const name = event.params.text
  const mention = new Mention(event.transaction.hash.concatI32(event.logIndex.toI32()))
  mention.name = name
  mention.isKnown = Text.load(name) != null
  const read = yaml.try_fromBytes(Bytes.fromUTF8(name))
  mention.yaml = read.isError ? 'none' : shown(read.value)
  mention.save()
  const context = new DataSourceContext()
  context.setBytes('mention', Bytes.fromUTF8(name))
  TextFile.createWithContext(name, context)
}

/** A file that starts with the name of another one names it. */
export function handleText(bytes: Bytes): void {
  const content = bytes.toString()
  const text = new Text(dataSource.stringParam())
  text.content = content
  text.firstMention = dataSource.context().getBytes('mention')
  text.network = dataSource.network()
  text.save()
  if (content.startsWith(LINK)) {
    TextFile.createWithContext(content.slice(LINK.length), dataSource.context())
  }
}

function shown(value: YAMLValue): string {
  const kind = value.kind.toString() + ' '
  switch (value.kind) {
    case YAMLValueKind.NULL:
      return kind
    case YAMLValueKind.BOOL:
      return kind + (value.toBool() ? 'true' : 'false')
    case YAMLValueKind.NUMBER:
      return kind + value.toNumber()
    case YAMLValueKind.STRING:
      return kind + '"' + value.toString() + '"'
    case YAMLValueKind.ARRAY: {
      const items = value.toArray()
      let text = kind + '['
      for (let at = 0; at < items.length; at++) text += shown(items[at]) + ','
      return text + ']'
    }
    case YAMLValueKind.OBJECT: {
      const entries = value.toObject().entries
      let text = kind + '{'
      for (let at = 0; at < entries.length; at++) {
        text += shown(entries[at].key) + ':' + shown(entries[at].value) + ','
      }
      return text + '}'
    }
    case YAMLValueKind.TAGGED: {
      const tagged = value.toTagged()
      return kind + tagged.tag + ' ' + shown(tagged.value)
    }
    default:
      return kind
  }
}
