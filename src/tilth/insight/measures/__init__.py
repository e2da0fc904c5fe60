"""The figures that both teams look at, one file a measure.

A measure that groups and joins takes `Tables` and gives Ibis expressions; one that follows a person through time is a kernel over
Arrow columns in which a person's rows lie together. Neither knows Django, nor who answers: DuckDB on one machine, or Spark on many. How a
figure is told stands in the file of the same name in `insight/reports/`.
"""
