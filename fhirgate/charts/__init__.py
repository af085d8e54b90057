"""One picture of an assessment: state, lesions, sums and therapy on one time axis.

May import `oncology` and the standard library; only `render` knows vl-convert, and imports it when first asked. An
`Assessment` goes in, a Vega-Lite specification, an SVG or a PNG comes out; nothing here judges.

Decisions
- `spec` is pure and its bytes are the same for the same assessment, so a picture can be compared and cached.
- Places of labels are computed here, not left to the renderer: rows of labels are spread so that none collide, and
  a test can prove it. Widths are those of Liberation Sans, which vl-convert carries and Arial shares.
- Sizes become floats for drawing only; every word beside or behind a mark is made from the exact decimal.
- Meaning is never colour alone: what grows, is new or was treated also differs in shape and width, states in height.
- What stands in a record is hostile until cleaned: control characters never reach the picture, length is bounded.
  So is the number of marks (`fitting`): what was left out is said in the picture.
- A dark page gets the same picture with every colour replaced by its dark one (`style.DARK`), after it was drawn.
"""
