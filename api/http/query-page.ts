/** A page to try queries on, without anything from elsewhere. */
export const QUERY_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Foggara GraphQL</title>
<link rel="stylesheet" href="/graphql/page.css">
<main>
<h1>Foggara GraphQL</h1>
<p>Post queries to <code>/graphql</code>. The schema is at <a href="/schema.graphql">/schema.graphql</a>.</p>
<form id="form">
<label for="query">Query</label>
<textarea id="query" rows="16" spellcheck="false">{
  _meta { block { number hash } finality lag }
  assets(first: 5) {
    totalCount
    nodes { assetId name kind holder { address } evidence { block transactionHash } }
  }
}</textarea>
<label for="variables">Variables</label>
<textarea id="variables" rows="3" spellcheck="false">{}</textarea>
<button>Run</button>
</form>
<h2>Answer</h2>
<pre id="answer" aria-live="polite"></pre>
</main>
<script src="/graphql/page.js" defer></script>
</html>
`

export const QUERY_PAGE_SCRIPT = `const field = (id) => document.getElementById(id)
field('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = field('answer')
  answer.textContent = '…'
  try {
    const variables = JSON.parse(field('variables').value || '{}')
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: field('query').value, variables }),
    })
    answer.textContent = JSON.stringify(await response.json(), null, 2)
  } catch (error) {
    answer.textContent = String(error)
  }
})
`

export const QUERY_PAGE_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
form { display: grid; gap: .5rem }
textarea, pre { font: 14px/1.5 ui-monospace, monospace; padding: .75rem; border: 1px solid }
pre { overflow: auto; min-height: 4rem }
button { justify-self: start; font: inherit; padding: .5rem 1.5rem }
`
