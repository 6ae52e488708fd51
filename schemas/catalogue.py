"""Every kind of record, gathered from ``schemas.kinds``. Adding a kind: one class there, one line here."""

from schemas.kinds import conflict, evidence, finding, inspection, organisation, signature, standard
from schemas.record import KindSpec

KINDS: dict[str, KindSpec] = {
    spec.name: spec
    for spec in (
        KindSpec(organisation.Branch),
        KindSpec(organisation.ProjectCentre),
        KindSpec(organisation.Department),
        KindSpec(organisation.Team),
        KindSpec(organisation.Person),
        KindSpec(organisation.RoleAssignment),
        KindSpec(organisation.Supplier),
        KindSpec(organisation.SubcontractItem),
        KindSpec(organisation.OtherItem),
        KindSpec(organisation.Post),
        KindSpec(organisation.Area),
        KindSpec(organisation.InspectorScope),
        KindSpec(organisation.DeputyAppointment),
        KindSpec(organisation.Pause),
        KindSpec(standard.Standard),
        KindSpec(standard.CheckItem),
        KindSpec(standard.PostType),
        KindSpec(standard.ClassTable),
        KindSpec(standard.DispositionTable),
        KindSpec(standard.AttributionTable),
        KindSpec(standard.WorkCalendar),
        KindSpec(inspection.Inspection),
        KindSpec(inspection.AreaCheck),
        KindSpec(finding.Finding),
        KindSpec(evidence.Photo),
        KindSpec(signature.Signature),
        KindSpec(conflict.SyncConflict),
    )
}
