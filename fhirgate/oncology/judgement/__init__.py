"""From a history to a judged state at every timepoint: where reconstruction, criteria and state machine meet.

`past` keeps what a lesion is compared with, `newness` whether it is new, `growth` how likely it has grown, `lesions`
judges each lesion along a course, `response` RECIST 1.1 and iRECIST, `therapy` the line, `gates` what forbids a
judgement, `situations` puts them together for the state machine, `confidence` adds probabilities, `assess` does all
of it for a chart. This is the top of the core.
"""
