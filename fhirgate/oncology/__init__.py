"""The disease in its own words: lesions, lines of therapy, response, progression state.

Pure: standard library only; no FHIR, no clock, no logging, no disk. Time, policy and identity come in as
arguments, conclusions go out as values. Vocabulary files at this level know nothing of each other's rules;
`reconstruct` turns facts into histories, `criteria` judges one question each, `progression` concludes.

Decisions
- Sizes are `Decimal` millimetres and thresholds compare products, because binary floats misjudge exact 20 %.
- Dates keep their precision; an order that would be a guess is a `Finding`.
- A rule is a named value with a citation in an ordered tuple; the first that holds decides.

Glossary (one word per concept)

==================== ======================= ==============================================================
term                 in code                 meaning [unit]
==================== ======================= ==============================================================
lesion               Lesion                  one tumour site followed over time
identity             LesionIdentity          what a record says to tell one lesion from another
sighting             Sighting                what one resource says about one lesion on one date
measurement          Measurement             one reading of one lesion at one timepoint by one reader [mm]
axis                 Axis                    longest diameter, or short axis for nodes
role                 Role                    target, non-target or new (RECIST; CDISC TUMIDENT)
reader               Reader                  who measured; readers of one scan never mix
study                Study                   one imaging examination
timepoint            Timepoint               the studies of one imaging round (CDISC VISIT)
baseline             baseline                the timepoint the response is measured from
nadir                nadir                   smallest complete sum before the current timepoint [mm]
sum of diameters     sum_of_diameters        long axes of targets, short axes of nodal ones [mm] (SUMDIAM)
response             Response                CR PR SD PD NE, NON-CR/NON-PD at one timepoint (OVRLRESP)
verdict              Verdict                 answer + rule + because + the sources it rests on
best overall resp.   best_overall            best response over the timepoints, with confirmation (BOR, CBOR)
lesion status        LesionStatus            what one lesion does: progressing, stable, responding ...
progression state    State                   where the patient stands at a timepoint
qualifier            Qualifier               what a reader of the state must also know
reason               Reason                  why a state is what it is, or why there is none
exposure             Exposure                one agent over one period
line of therapy      LineOfTherapy           numbered regimen span between starts and progressions
segment              Segment                 part of a line before or after a local treatment
local treatment      LocalTreatment          radiotherapy, surgery or ablation of a lesion
finding              Finding                 a note on the data: code, severity, text, path, source
policy               Policy                  a site's choices: windows, gaps, preset
preset               Preset                  the criteria of a trial or consensus for oligoprogression
as of                as_of                   the date of judgement, always passed in
basis                sources                 the resources (id and version) a verdict rests on
==================== ======================= ==============================================================
"""

RULES_VERSION = "1.0.0"
"""Version of all rules and limits in this room; raised whenever a record can be judged differently."""
