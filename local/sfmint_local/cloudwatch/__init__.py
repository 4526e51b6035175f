"""CloudWatch's rules, over the lines that functions really wrote: the embedded AWS makes no metrics of them.

metric_line: what a line with embedded metrics has to look like, and which series it adds to.
metrics: what is kept of the lines, minute by minute, and statistics of it.
verdict: the state that an alarm takes, by its data points; missing ones in each of the four treatments.
alarms: an alarm as CloudFormation or `describe_alarms` says it, evaluated each minute.
dashboard: what a dashboard shows, as its body says it.
deployed: all of these of a stack on the embedded AWS.
"""
