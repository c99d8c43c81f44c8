/** Writes a deployment in four steps, with all of it in sight at the side. */
import { createDeployment } from '@lovely/api';
import { Button } from '@mantine/core';
import { useDebouncedCallback, useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, ArrowRight, Rocket } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { keys, request } from '../api.ts';
import { groupsQuery } from '../groups/group-queries.ts';
import { DRAFT_KEPT_MS, TYPING_PAUSE_MS } from '../limits.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { deploymentPreviewQuery } from './deployment-queries.ts';
import { STEPS, type Step } from './deployment-search.ts';
import { draftOf, nameOf, searchOf, targetOf, type Draft } from './draft.ts';
import { missingIn } from './draft-check.ts';
import type { Preview } from './DryRun.tsx';
import { DraftSummary } from './DraftSummary.tsx';
import { HousesStep } from './HousesStep.tsx';
import styles from './NewDeploymentPage.module.css';
import { ReviewStep } from './ReviewStep.tsx';
import { RolloutStep } from './RolloutStep.tsx';
import { SoftwareStep } from './SoftwareStep.tsx';
import { WizardSteps } from './WizardSteps.tsx';

const route = getRouteApi('/app/deployments/new');

const TITLES: Readonly<Record<Step, string>> = {
  software: 'Which software?',
  houses: 'Which houses?',
  rollout: 'How does it go?',
  review: 'Everything right?',
};

export function NewDeploymentPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const step: Step = search.step ?? 'software';
  const [draft, setDraft] = useState<Draft>(() => draftOf(search));
  const [typed, setTyped] = useState('');
  /** The step that was to be left while something was missing in it. */
  const [refused, setRefused] = useState<Step>();
  const preview = usePreview(draft);
  const name = useDraftName(draft);

  const keep = useDebouncedCallback((next: Draft) => {
    void navigate({
      ...paths.newDeployment({ ...searchOf(next), ...(step === 'software' ? {} : { step }) }),
      replace: true,
    });
  }, DRAFT_KEPT_MS);
  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    keep(next);
  };
  const go = (to: Step): void => {
    keep.cancel();
    void navigate(paths.newDeployment({ ...searchOf(draft), ...(to === 'software' ? {} : { step: to }) }));
  };
  const start = useChange(
    () =>
      request(createDeployment, {
        body: { name, artifactName: draft.artifactName!, target: targetOf(draft)!, options: draft.options },
      }),
    { outdated: [keys.deployments] },
  );

  const missing = missingIn(step, draft, { houses: preview.data?.houses, typed });
  const submit = (): void => {
    if (missing !== undefined) return setRefused(step);
    const next = STEPS[STEPS.indexOf(step) + 1];
    if (next !== undefined) return go(next);
    start.mutate(undefined, { onSuccess: ({ id }) => void navigate(paths.deployment(id)) });
  };
  const heading = useFocusOfStep(step);
  const isReview = step === 'review';
  return (
    <Page>
      <PageHeader back={{ label: 'Deployments', link: paths.deployments() }} title="New deployment" />
      <WizardSteps draft={draft} houses={preview.data?.houses} step={step} onGo={go} />
      <form
        className={styles.columns}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className={styles.main}>
          <Card>
            <h2 ref={heading} tabIndex={-1} className={styles.title}>
              {TITLES[step]}
            </h2>
            {step === 'software' && <SoftwareStep draft={draft} onChange={change} />}
            {step === 'houses' && <HousesStep draft={draft} onChange={change} preview={preview} />}
            {step === 'rollout' && <RolloutStep draft={draft} ends={endsOf(preview.data, draft)} onChange={change} />}
            {isReview && (
              <ReviewStep
                draft={draft}
                name={name}
                preview={preview.data}
                typed={typed}
                onType={setTyped}
                onChange={change}
              />
            )}
          </Card>
          {refused === step && missing !== undefined && (
            <p className={styles.missing} role="alert">
              {missing}
            </p>
          )}
          <FormError error={start.error} />
          <div className={styles.buttons}>
            {step !== 'software' && (
              <Button
                variant="default"
                leftSection={<ArrowLeft size={15} />}
                onClick={() => go(STEPS[STEPS.indexOf(step) - 1] ?? 'software')}
              >
                Back
              </Button>
            )}
            <Button
              type="submit"
              loading={start.isPending}
              {...(isReview ? { leftSection: <Rocket size={15} /> } : { rightSection: <ArrowRight size={15} /> })}
            >
              {isReview
                ? draft.options.startAt === null
                  ? 'Start the deployment'
                  : 'Schedule the deployment'
                : 'Next'}
            </Button>
          </div>
        </div>
        <DraftSummary draft={draft} preview={preview.data} />
      </form>
    </Page>
  );
}

/** The dry run of what is written so far, a pause in typing later. */
function usePreview(draft: Draft) {
  const target = targetOf(draft);
  const { artifactName, options } = draft;
  const [wish] = useDebouncedValue(
    artifactName === undefined || target === undefined ? undefined : { artifactName, target, options },
    TYPING_PAUSE_MS,
  );
  return useQuery(deploymentPreviewQuery(wish));
}

/** How many houses have begun when each phase is over, when the dry run is of these phases. */
function endsOf(preview: Preview | undefined, { options: { phases } }: Draft): number[] | undefined {
  return preview?.phases.length === phases.length ? preview.phases.map(({ end }) => end) : undefined;
}

/** The focus goes to the head of a step that was gone to. */
function useFocusOfStep(step: Step) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);
  return heading;
}

function useDraftName(draft: Draft): string {
  const { data } = useQuery(groupsQuery);
  return nameOf(draft, data?.items.find(({ id }) => id === draft.groupId)?.name);
}
