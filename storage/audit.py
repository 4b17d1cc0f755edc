"""Recomputes the ledger from its postings. Each check is one statement that names what does not hold."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

# Each answers with rows that must not be: an id, and what is wrong with it.
CHECKS = {
    "transactions sum to zero": """
        SELECT transaction_id, SUM(amount) FROM postings GROUP BY transaction_id HAVING SUM(amount) <> 0
    """,
    "every transaction has postings": """
        SELECT t.id, t.kind FROM transactions t LEFT JOIN postings p ON p.transaction_id = t.id WHERE p.id IS NULL
    """,
    "balances equal postings": """
        SELECT COALESCE(b.member_id, p.member_id), 'balance differs from postings'
        FROM (
            SELECT member_id,
                SUM(CASE WHEN account = 'available' THEN amount ELSE 0 END) AS available,
                SUM(CASE WHEN account = 'held' THEN amount ELSE 0 END) AS held,
                SUM(CASE WHEN account = 'pending' THEN amount ELSE 0 END) AS pending
            FROM postings WHERE member_id IS NOT NULL GROUP BY member_id
        ) p
        FULL OUTER JOIN balances b ON b.member_id = p.member_id
        WHERE COALESCE(b.available, 0) <> COALESCE(p.available, 0)
            OR COALESCE(b.held, 0) <> COALESCE(p.held, 0)
            OR COALESCE(b.pending, 0) <> COALESCE(p.pending, 0)
    """,
    "lots equal balances": """
        SELECT COALESCE(b.member_id, l.member_id), 'lots differ from balance'
        FROM (
            SELECT member_id, SUM(available) AS available, SUM(held) AS held, SUM(pending) AS pending
            FROM lots GROUP BY member_id
        ) l
        FULL OUTER JOIN balances b ON b.member_id = l.member_id
        WHERE COALESCE(l.available, 0) <> CASE WHEN COALESCE(b.available, 0) > 0 THEN b.available ELSE 0 END
            OR COALESCE(l.held, 0) <> COALESCE(b.held, 0)
            OR COALESCE(l.pending, 0) <> COALESCE(b.pending, 0)
    """,
    "lots equal their entries": """
        SELECT l.id, 'lot differs from its entries'
        FROM lots l
        LEFT JOIN (
            SELECT lot_id, SUM(available) AS available, SUM(held) AS held, SUM(pending) AS pending
            FROM lot_entries GROUP BY lot_id
        ) e ON e.lot_id = l.id
        WHERE l.available <> COALESCE(e.available, 0) OR l.held <> COALESCE(e.held, 0)
            OR l.pending <> COALESCE(e.pending, 0)
    """,
    "open holds equal held balances": """
        SELECT COALESCE(b.member_id, h.member_id), 'holds differ from held balance'
        FROM (SELECT member_id, SUM(amount) AS held FROM holds WHERE state = 'held' GROUP BY member_id) h
        FULL OUTER JOIN balances b ON b.member_id = h.member_id
        WHERE COALESCE(b.held, 0) <> COALESCE(h.held, 0)
    """,
}
FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    faults: tuple[str, ...]  # at most FAULTS_SHOWN

    @property
    def holds(self) -> bool:
        return not self.faults


def audit(connection: Connection) -> list[Finding]:
    findings = []
    for check, statement in CHECKS.items():
        rows = connection.execute(text(f"{statement} LIMIT {FAULTS_SHOWN}"))
        findings.append(Finding(check, tuple(f"{row[0]}: {row[1]}" for row in rows)))
    return findings
