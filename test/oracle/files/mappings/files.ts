import { Bytes, DataSourceContext, dataSource } from '@graphprotocol/graph-ts'

import { Noted } from '../generated/Names/Names'
import { Mention, Text } from '../generated/schema'
import { TextFile } from '../generated/templates'

const LINK = 'next: '

export function handleNoted(event: Noted): void {
  const name = event.params.text
  const mention = new Mention(event.transaction.hash.concatI32(event.logIndex.toI32()))
  mention.name = name
  mention.isKnown = Text.load(name) != null
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
