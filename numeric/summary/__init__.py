"""What a network is and what it takes, known before it is trained.

counting   multiply-adds, counted in the loop nests of the equations
intervals, reaching, fields   receptive fields: where the reads of the equations reach
memory     the peak of a training step, from shapes
table      a row a layer, and totals
reporting, pictures, command   what is told
"""

from __future__ import annotations

from numeric.summary.fields import Field, fields
from numeric.summary.memory import Machine, Step
from numeric.summary.table import Row, Summary, summary

__all__ = ["Field", "Machine", "Row", "Step", "Summary", "fields", "summary"]
